// The package as npm delivers it: packed, installed into an empty folder and globally, and used from there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { startChild } from '../helpers/startChild.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const run = promisify(execFile);
const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what is built; the caller's folder receives the tarball. */
async function pack(into: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
  const { stdout } = await run('npm', args, { cwd: repositoryRoot });
  // npm 10 gives a list, npm 11 also an object by name.
  const packed = Object.values(JSON.parse(stdout) as Record<string, Packed>)[0];
  assert.ok(packed !== undefined);
  return packed;
}

const consumer = `import { connect, copy, LocalFileSystem, serve, type CopyResult, type FileSystem } from 'codexfs';

const local: FileSystem = new LocalFileSystem();
await using server = await serve({ listen: 'ws://127.0.0.1:0' });
await using remote = await connect(server.url);
const [from = '', to = ''] = process.argv.slice(2);
const result: CopyResult = await copy({ fileSystem: local, path: from }, { fileSystem: remote, path: to });
console.log(result.bytes);
`;

describe('the package', (test) => {
  test('holds the program, its types, man pages and schemas, and nothing else', async () => {
    await using directory = await temporaryDirectory();
    const { files, size, unpackedSize } = await pack(directory.path);
    const paths = files.map(({ path }) => path);
    const expected =
      /^(bin\/codexfs\.js|dist\/(program\/[\w.-]+\.(js|txt)|src\/(?!cli\/).*\.(js|d\.ts))|man\/codexfs[\w-]*\.[15]|schema\/[\w./-]+\.json|(package\.json|README\.md|LICENSE|CHANGELOG\.md))$/;
    assert.deepEqual(
      paths.filter((path) => !expected.test(path)),
      [],
    );
    const program = ['bin/codexfs.js', 'dist/program/start.js', 'dist/program/LICENSES.txt'];
    for (const path of [...program, 'dist/src/index.js', 'dist/src/index.d.ts', 'man/codexfs.1', 'LICENSE']) {
      assert.ok(paths.includes(path), `${path} is missing`);
    }
    console.log(`packed ${Math.round(size / 1024)} KiB, unpacked ${Math.round(unpackedSize / 1024)} KiB`);
  });

  test(
    'works from an empty folder: program, library and types',
    async () => {
      await using directory = await temporaryDirectory();
      const { filename } = await pack(directory.path);
      const folder = directory.join('project');
      await mkdir(folder);
      await writeFile(join(folder, 'package.json'), '{"name":"project","private":true,"type":"module"}');
      const startedAt = performance.now();
      await run('npm', ['install', ...quietly, directory.join(filename)], { cwd: folder });
      console.log(`installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      const program = join(folder, 'node_modules/.bin/codexfs');
      await copyThrough(program, directory.path);
      await writeFile(join(folder, 'consumer.ts'), consumer);
      await compile(folder);
      const { stdout } = await run(process.execPath, ['consumer.js', 'package.json', join(folder, 'copy.json')], {
        cwd: folder,
      });
      const original = await readFile(join(folder, 'package.json'));
      assert.equal(stdout, `${original.length}\n`);
      assert.deepEqual(await readFile(join(folder, 'copy.json')), original);
    },
    { timeoutMs: 180_000 },
  );

  test(
    'installs globally with its man pages',
    async () => {
      await using directory = await temporaryDirectory();
      const { filename } = await pack(directory.path);
      const prefix = directory.join('prefix');
      await run('npm', ['install', '--global', '--prefix', prefix, ...quietly, directory.join(filename)]);
      await copyThrough(join(prefix, 'bin/codexfs'), directory.path);
      const manifest = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { man: string[] };
      for (const page of manifest.man) {
        const section = page.slice(-1);
        await access(join(prefix, `share/man/man${section}`, page.replace('./man/', '')));
      }
    },
    { timeoutMs: 180_000 },
  );

  test('needs no install script', async () => {
    const lock = JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; optional?: boolean }>;
    };
    const scripted = Object.entries(lock.packages).filter(
      ([, entry]) => entry.hasInstallScript && !entry.dev && !entry.optional,
    );
    assert.deepEqual(
      scripted.map(([path]) => path),
      [],
    );
  });
});

/** A file goes to `program serve` and comes back by `program cp`. */
async function copyThrough(program: string, folder: string): Promise<void> {
  await using server = await startChild(program, ['serve']);
  const [from, back] = [join(folder, 'from.bin'), join(folder, 'back.bin')];
  const content = randomBytes(3 * 1024 * 1024 + 1);
  await writeFile(from, content);
  const remote = ['--remote', `box=${server.firstLine}`];
  await run(program, ['cp', ...remote, from, `box:${folder}/there.bin`]);
  await run(program, ['cp', ...remote, `box:${folder}/there.bin`, back]);
  assert.ok(content.equals(await readFile(back)));
}

/** Compiles consumer.ts in `folder` as strictly as the compiler can. */
async function compile(folder: string): Promise<void> {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const types = join(repositoryRoot, 'node_modules/@types');
  const options = ['--strict', '--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--module', 'nodenext'];
  const rest = ['--typeRoots', types, '--types', 'node', 'consumer.ts'];
  await run(process.execPath, [compiler, ...options, ...rest], { cwd: folder }).catch(
    ({ stdout }: { stdout: string }) => assert.fail(stdout),
  );
}
