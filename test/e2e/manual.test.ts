// The manual pages are in step with the program: every option of its help is in the page, and every exit status too.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { commandTable } from '../../src/cli/commands/commandTable.js';
import { exitStatus } from '../../src/cli/exitStatus.js';
import { fileFields, remoteFields } from '../../src/remotes/environmentsToml.js';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { runCodexfs } from '../helpers/runCodexfs.js';

const folder = join(repositoryRoot, 'man');
const commands = commandTable.filter(({ name, isHidden }) => !isHidden && name !== 'help').map(({ name }) => name);
const page = (name: string) => readFile(join(folder, `${name}.1`), 'utf8');

/** The options that the help of `command` lists in its own section, without dashes: `-t` is `t`, `--json` is `-json`. */
async function optionsOf(command: string | undefined): Promise<string[]> {
  const { stdout } = await runCodexfs(command === undefined ? ['help', 'options'] : [command, '--help']);
  const sections = stdout.toString('utf8').split(/^(?=[A-Z][a-z, ]*:$)/m);
  const isOwn = (section: string) => /^ {2}-/m.test(section) && !section.startsWith('Global options:');
  const wanted = sections.filter((section) => command === undefined || isOwn(section));
  const flags = wanted.join('').matchAll(/^ {2}(-[\w-]+)(?:, (--[\w-]+))?/gm);
  return [...flags]
    .flatMap(([, first, second]) => [first, second])
    .flatMap((flag) => (flag === undefined ? [] : [flag.slice(1)]));
}

describe('the manual', (test) => {
  test(
    'names every option of the program and of each command',
    async () => {
      const missing: string[] = [];
      for (const command of [undefined, ...commands]) {
        const text = await page(command === undefined ? 'codexfs' : `codexfs-${command}`);
        const options = await optionsOf(command);
        assert.ok(options.length >= 2, `the help of ${command} lists its options`);
        for (const option of options) {
          if (command !== undefined && ['h', '-help'].includes(option)) continue;
          if (!new RegExp(`Fl (\\S+ , Fl )?${option}( |\\n)`).test(text))
            missing.push(`${command ?? 'codexfs'}: -${option}`);
        }
      }
      assert.equal(missing, []);
    },
    { timeoutMs: 60_000 },
  );

  test('has a page for each command, and all pages come with the package', async () => {
    const pages = (await readdir(folder)).sort();
    const missing = commands.map((name) => `codexfs-${name}.1`).filter((name) => !pages.includes(name));
    assert.equal(missing, []);
    const manifest = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { man: string[] };
    assert.equal([...manifest.man].sort(), pages.map((name) => `./man/${name}`).sort());
  });

  test('shows commands and output as they are: literally, in lines that 80 columns hold', async () => {
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      // The words of .Dl are read as macros and quoted words, and broken at the end of a line.
      assert.not.match(text, /^\.D[l1] /m, name);
      for (const [, offset, lines = ''] of text.matchAll(/^\.Bd -literal( -offset indent)?\n([\s\S]*?)^\.Ed$/gm)) {
        const shown = lines.split('\n').map((line) => line.replace(/\\\(aq|\\e/g, "'"));
        const columns = offset === undefined ? 75 : 69;
        assert.equal([name, shown.filter((line) => line.length > columns)], [name, []]);
      }
    }
  });

  test('lists every exit status', async () => {
    const [, section = ''] = (await page('codexfs')).split('.Sh EXIT STATUS');
    const listed = [...section.matchAll(/^\.It ([\d, ]+)$/gm)].flatMap(([, numbers = '']) =>
      numbers.split(', ').map(Number),
    );
    assert.equal(listed, [...Object.values(exitStatus).slice(0, -1), 129, 130, 143, 141]);
  });

  test('names every field of a file of remotes', async () => {
    const text = await readFile(join(folder, 'codexfs-remotes.5'), 'utf8');
    const named = [...text.matchAll(/^\.It Ic (?:\[\[)?(\w+)/gm)].map(([, field]) => field);
    assert.equal(named.sort(), [...fileFields, ...remoteFields].sort());
  });

  test('is clean mdoc', async () => {
    const pages = (await readdir(folder)).map((name) => join(folder, name));
    const lint = await promisify(execFile)('mandoc', ['-Tlint', '-Wwarning', ...pages]).catch(
      (error: unknown) => error,
    );
    if ((lint as NodeJS.ErrnoException).code === 'ENOENT') return;
    assert.is((lint as { readonly stdout: string }).stdout, '');
  });
});
