// Which files define remotes, which definition of a name wins, what the default is, and what is said of files that others can touch.

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { loadRegistry } from '../../src/remotes/loadRegistry.js';
import { describe, rejection } from '../helpers/describe.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Setting {
  /** Text by path in the home folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly definitions?: readonly string[];
  readonly isNameWanted?: boolean;
}

async function write(home: TemporaryDirectory, files: Setting['files'] = {}): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(home.join(name)), { recursive: true });
    await writeFile(home.join(name), text, { mode: 0o600 });
  }
}

async function load(home: TemporaryDirectory, { files, env = {}, definitions = [], isNameWanted = true }: Setting) {
  await write(home, files);
  const warnings: string[] = [];
  const warn = (line: string) => warnings.push(line.replace(`${home.path}/`, ''));
  const registry = await loadRegistry({ definitions, env: { HOME: home.path, ...env }, isNameWanted, warn });
  return { registry, warnings };
}

const remote = (id: string, url: string) => `[[environments]]\nid = "${id}"\nurl = "${url}"\n`;
const config = '.config/codexfs/config.toml';
const codex = '.codex/environments.toml';

describe('the files of remotes', (test) => {
  test('are read in order, and the first definition of a name wins', async () => {
    await using home = await temporaryDirectory();
    const { registry } = await load(home, {
      definitions: ['aa=ws://flag'],
      files: {
        [config]: remote('aa', 'ws://config') + remote('bb', 'ws://config'),
        [codex]: ['aa', 'bb', 'cc', 'remote'].map((id) => remote(id, 'ws://codex')).join(''),
      },
      env: { CODEX_EXEC_SERVER_URL: 'ws://variable' },
    });
    const found = registry.remotes.map(({ name, origin }) => [name, origin.replace(`${home.path}/`, '')]);
    assert.equal(found, [
      ['aa', '--remote'],
      ['bb', config],
      ['cc', codex],
      ['remote', codex],
      ['local', 'built in'],
    ]);
  });

  test('are where the variables say', async () => {
    await using home = await temporaryDirectory();
    const files = { 'x/codexfs/config.toml': remote('xx', 'ws://h'), 'c/environments.toml': remote('cc', 'ws://h') };
    const env = { XDG_CONFIG_HOME: home.join('x'), CODEX_HOME: home.join('c') };
    const names = (await load(home, { files, env })).registry.remotes.map(({ name }) => name);
    assert.equal(names, ['xx', 'cc', 'local']);
    await write(home, { 'own.toml': remote('own', 'ws://h') });
    const own = await load(home, { env: { ...env, CODEXFS_CONFIG: home.join('own.toml') } });
    assert.equal(
      own.registry.remotes.map(({ name }) => name),
      ['own', 'cc', 'local'],
    );
  });

  test('may be missing, but not where CODEXFS_CONFIG names one', async () => {
    await using home = await temporaryDirectory();
    assert.is((await load(home, {})).registry.remotes.length, 1);
    const error = await rejection(load(home, { env: { CODEXFS_CONFIG: home.join('nope') } }), UsageError);
    assert.match(error.message, /nope: no such file/);
  });

  test('are not touched where no name is wanted', async () => {
    await using home = await temporaryDirectory();
    const { registry } = await load(home, { files: { [config]: 'a = = 1' }, isNameWanted: false });
    assert.not(registry.has('aa'));
  });

  test('that are broken are refused', async () => {
    await using home = await temporaryDirectory();
    const error = await rejection(load(home, { files: { [codex]: 'a = 1\nb = = 2\n' } }), UsageError);
    assert.match(error.message, `${home.join(codex)}:2:5: this is not TOML`);
  });

  test('that cannot be read are refused', async () => {
    await using home = await temporaryDirectory();
    await mkdir(home.join(codex), { recursive: true });
    assert.match((await rejection(load(home, {}), UsageError)).message, `cannot read ${home.join(codex)}`);
  });
});

describe('the default remote', (test) => {
  const two = remote('aa', 'ws://h') + remote('bb', 'ws://h');

  test('is the one that the first file with a default names', async () => {
    await using home = await temporaryDirectory();
    const files = { [config]: two, [codex]: `default = "cc"\n${remote('cc', 'ws://h')}` };
    assert.is((await load(home, { files })).registry.find('', ':a').name, 'cc');
    assert.is((await load(home, { files: { [config]: `default = "bb"\n${two}` } })).registry.find('', ':a').name, 'bb');
  });

  test('may be local, and may be defined elsewhere', async () => {
    await using home = await temporaryDirectory();
    assert.is(
      (await load(home, { files: { [config]: `default = "local"\n${two}` } })).registry.find('', ':a').name,
      'local',
    );
    const { registry } = await load(home, {
      files: { [config]: 'default = "aa"' },
      definitions: ['aa=ws://h', 'bb=ws://h'],
    });
    assert.is(registry.find('', ':a').name, 'aa');
  });

  test('is none where a file says so', async () => {
    await using home = await temporaryDirectory();
    const { registry } = await load(home, { files: { [codex]: `default = "none"\n${remote('aa', 'ws://h')}` } });
    assert.is(registry.defaultRemote, undefined);
    assert.throws(() => registry.find('', ':a'), /environments.toml:1:1 says there is none/);
  });

  test('must be defined somewhere', async () => {
    await using home = await temporaryDirectory();
    const error = await rejection(load(home, { files: { [config]: `\ndefault = "zz"\n${two}` } }), UsageError);
    assert.match(error.message, /config.toml:2:1: there is no remote `zz` to be the default$/);
  });
});

describe('a file of remotes that others can touch', (test) => {
  const secret = `${remote('aa', 'wss://h')}auth_bearer_token = "very-secret"\n`;

  test('is warned of when it holds a token and others can read it', async () => {
    await using home = await temporaryDirectory();
    await chmod(home.path, 0o755);
    await write(home, { [codex]: secret, [config]: remote('bb', 'ws://h') });
    await chmod(home.join(config), 0o644);
    assert.equal((await load(home, {})).warnings, []);
    await chmod(home.join(codex), 0o644);
    const { warnings, registry } = await load(home, {});
    assert.equal(warnings, [`${codex} holds a token and can be read by other users (chmod 600 would stop that)`]);
    assert.ok(registry.has('aa'));
    await chmod(home.join('.codex'), 0o700);
    assert.equal((await load(home, {})).warnings, []);
  });

  test('is warned of when others can change it or its folder', async () => {
    await using home = await temporaryDirectory();
    await write(home, { [codex]: remote('aa', 'ws://h') });
    await chmod(home.join(codex), 0o666);
    await chmod(home.join('.codex'), 0o777);
    assert.equal((await load(home, {})).warnings, [
      `${codex} can be changed by other users (chmod o-w would stop that)`,
      '.codex can be changed by other users (chmod o-w would stop that)',
    ]);
  });
});
