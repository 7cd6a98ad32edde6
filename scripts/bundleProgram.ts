// Makes dist/program of dist/src/cli/start.js and the packages that it uses: the program in few files, because opening each of
// a hundred costs more time than what is in them. Names stay as they are, so that a stack can be read.

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = join(root, 'dist/program');

/** Parts of Node that packages ask for when they are loaded, and commands seldom need. */
const seldomNeeded = /^(?:node:)?(child_process|https|tls|zlib)$/;
const laterMark = '\0later:';

/** Loads a part of Node when a package first uses it, where the package requires it as it is loaded itself. */
const later: Plugin = {
  name: 'later',
  resolveId(specifier, importer, { kind }) {
    const [, name] = seldomNeeded.exec(specifier) ?? [];
    const isOwn = importer?.startsWith(laterMark) ?? false;
    return name !== undefined && kind === 'require-call' && !isOwn ? laterMark + name : null;
  },
  load(id) {
    if (!id.startsWith(laterMark)) return null;
    const name = id.slice(laterMark.length);
    return `module.exports = new Proxy({}, { get: (_, member) => require('node:${name}')[member] });`;
  },
};

await rm(directory, { recursive: true, force: true });
const bundle = await rolldown({
  input: join(root, 'dist/src/cli/start.js'),
  cwd: root,
  platform: 'node',
  // Both are optional: ws asks for them, and goes on without.
  external: ['bufferutil', 'utf-8-validate'],
  plugins: [later],
  preserveEntrySignatures: 'allow-extension',
  // Commands that are loaded when they are called say at their beginning what they use.
  checks: { ineffectiveDynamicImport: false },
  onLog(_level, { message }) {
    throw new Error(message);
  },
});
const { output } = await bundle.write({
  dir: directory,
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [
      // All that `codexfs --version` needs, which is measured by itself.
      { name: 'version', test: /dist[\\/]src[\\/]version\.js$/, priority: 1 },
      { name: 'shared', test: /dist[\\/]src[\\/]/, minShareCount: 2 },
    ],
  },
});
await bundle.close();
const modules = output.flatMap((piece) => (piece.type === 'chunk' ? piece.moduleIds : []));
await writeFile(join(directory, 'LICENSES.txt'), await licensesOf(modules));

/** The licences of the packages that `modules` come from: each asks to stand beside every copy. */
async function licensesOf(modules: readonly string[]): Promise<string> {
  const folders = modules.flatMap((id) => /^(?!\0).*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? []);
  const texts: string[] = [];
  for (const folder of [...new Set(folders)].sort()) {
    const { name, version }: { name: string; version: string } = JSON.parse(
      await readFile(join(folder, 'package.json'), 'utf8'),
    );
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence`);
    texts.push(`${name} ${version}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}
