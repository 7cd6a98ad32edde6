// Holds the directions of imports and the shape of source files, and shows that the rules can tell a breach.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { describe } from './helpers/describe.js';
import { filesBelow, repositoryRoot } from './helpers/repository.js';
import { importProblems, isPartOfProgram, textProblems } from './helpers/sourceRules.js';

async function readAll(folder: string, suffix: string): Promise<Map<string, string>> {
  const directory = join(repositoryRoot, folder);
  const paths = await filesBelow(directory, suffix);
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(directory, path), 'utf8')] as const)),
  );
}

async function packageNames(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
    dependencies: object;
    optionalDependencies: object;
    devDependencies: object;
  };
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const partsOfProgram = Object.keys(devDependencies).filter(isPartOfProgram);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...partsOfProgram];
}

describe('the source', (test) => {
  test('imports in the allowed directions only', async () => {
    const sources = await readAll('src', '.ts');
    assert.ok(sources.has('errors.ts') && sources.has('rpc/Connection.ts'));
    assert.equal(importProblems(sources, await packageNames()), []);
  });

  test('keeps each file short, introduced and strictly typed', async () => {
    const sources = await readAll('src', '.ts');
    assert.equal(
      [...sources].flatMap(([path, text]) => textProblems(path, text)),
      [],
    );
  });

  test('names files after what they export', async () => {
    const paths = [...(await readAll('src', '.ts')).keys(), ...(await readAll('test', '.ts')).keys()];
    const nondescript = /(^|\/)(utils?|helpers?|common|types?)(\.test)?\.ts$/i;
    assert.equal(
      paths.filter((path) => nondescript.test(path)),
      [],
    );
  });

  test('refers to nothing outside the repository', async () => {
    const outside = ['..', 'shared'].join('/');
    const folders = ['src', 'test', 'bench', 'docs', 'man', 'bin'];
    const found: string[] = [];
    for (const folder of folders) {
      for (const [path, text] of await readAll(folder, '').catch(() => new Map<string, string>())) {
        if (text.includes(outside)) found.push(`${folder}/${path}`);
      }
    }
    assert.equal(found, []);
  });
});

/** One file that imports each specifier, beside files for them to lead to. */
function problemsOfImports(from: string, ...statements: string[]): string[] {
  const targets = [
    'errors.ts',
    'debug.ts',
    'index.ts',
    'protocol/codes.ts',
    'transport/webSocket.ts',
    'transport/stdio.ts',
  ];
  targets.push(
    'rpc/Connection.ts',
    'fs/FileSystem.ts',
    'fs/LocalFileSystem.ts',
    'dialects/blocks.ts',
    'remotes/connect.ts',
  );
  targets.push('transfer/copyFile.ts', 'server/Session.ts', 'cli/main.ts');
  const sources = new Map(targets.map((path) => [path, '']));
  sources.set(from, statements.join('\n'));
  return importProblems(sources, ['ws', 'execa', 'commander', 'cli-progress', 'valibot']);
}

describe('the rules for imports', (test) => {
  const refused: readonly (readonly [string, string])[] = [
    ['transport/a.ts', `import { Connection } from '../rpc/Connection.js';`],
    ['rpc/a.ts', `import '../dialects/blocks.js';`],
    ['dialects/a.ts', `import { LocalFileSystem } from '../fs/LocalFileSystem.js';`],
    ['dialects/a.ts', `import type { LocalFileSystem } from '../fs/LocalFileSystem.js';`],
    ['dialects/a.ts', `import { FileSystem } from '../fs/FileSystem.js';`],
    ['dialects/a.ts', `import { Session } from '../server/Session.js';`],
    ['server/a.ts', `import { blocks } from '../dialects/blocks.js';`],
    ['server/a.ts', `const blocks = await import('../dialects/blocks.js');`],
    ['transfer/a.ts', `import type { Connection } from '../rpc/Connection.js';`],
    ['transfer/a.ts', `export {\n  blocks,\n} from '../dialects/blocks.js';`],
    ['transfer/a.ts', `export * from '../transport/stdio.js';`],
    ['transfer/a.ts', `import { connect } from '../remotes/connect.js';`],
    ['fs/a.ts', `import { copyFile } from '../transfer/copyFile.js';`],
    ['remotes/a.ts', `import { main } from '../cli/main.js';`],
    ['cli/a.ts', `import { connect } from '../index.js';`],
    ['index.ts', `import { main } from './cli/main.js';`],
    ['errors.ts', `import { codes } from './protocol/codes.js';`],
    ['debug.ts', `import { CodexfsError } from './errors.js';`],
    ['protocol/a.ts', `import { Connection } from '../rpc/Connection.js';`],
    ['rpc/a.ts', `import WebSocket from 'ws';`],
    ['transport/memory.ts', `import { WebSocket } from 'ws';`],
    ['server/a.ts', `import { execa } from 'execa';`],
    ['transfer/a.ts', `import bar from 'cli-progress';`],
    ['server/a.ts', `import { Command } from 'commander';`],
    ['cli/a.ts', `import leftPad from 'left-pad';`],
    ['cli/a.ts', `import { gone } from './gone.js';`],
    ['elsewhere/a.ts', `import { codes } from '../rpc/Connection.js';`],
  ];
  for (const [from, statement] of refused) {
    test(`refuse ${from}: ${statement.replaceAll('\n', ' ')}`, () => {
      assert.is(problemsOfImports(from, statement).length, 1);
    });
  }

  test('refuse a circle', () => {
    const sources = new Map([
      ['rpc/a.ts', `import './b.js';`],
      ['rpc/b.ts', `import './c.js';`],
      ['rpc/c.ts', `import './a.js';`],
    ]);
    assert.equal(importProblems(sources, []), [
      'imports go round in a circle: rpc/a.ts → rpc/b.ts → rpc/c.ts → rpc/a.ts',
    ]);
  });

  test('allow what the map of the house allows', () => {
    assert.equal(problemsOfImports('transport/webSocket.ts', `import { WebSocket } from 'ws';`), []);
    assert.equal(
      problemsOfImports('cli/a.ts', `import { Command } from 'commander';`, `import '../server/Session.js';`),
      [],
    );
    assert.equal(problemsOfImports('dialects/a.ts', `import type { ReadHandle } from '../fs/FileSystem.js';`), []);
    assert.equal(
      problemsOfImports('fs/a.ts', `import { blocks } from '../dialects/blocks.js';`, `import 'node:fs';`),
      [],
    );
    assert.equal(
      problemsOfImports('protocol/a.ts', `import { x } from '../errors.js';`, `import * as v from 'valibot';`),
      [],
    );
    assert.equal(problemsOfImports('transfer/a.ts', `// import x from '../rpc/Connection.js';`), []);
  });
});

describe('the rules for files', (test) => {
  const opening = '// A file.\n';
  const refused: Record<string, string> = {
    'no opening comment': 'export const a = 1;\n',
    'an opening comment of four lines': '// a\n// b\n// c\n// d\nexport {};\n',
    'more than 300 lines': opening + 'void 0;\n'.repeat(300),
    'a parameter of type any': `${opening}function f(a: any) {}\n`,
    'a cast to any': `${opening}f(a as any);\n`,
    'an array of any': `${opening}const a: string | any[] = [];\n`,
    'any as a type argument': `${opening}const a: Promise<any> = b;\n`,
    'a non-null assertion': `${opening}const a = b.c!.d;\n`,
    'a non-null assertion at the end': `${opening}const a = b[0]!;\n`,
    'a silenced compiler': `${opening}// @ts-${'ignore'}\n`,
  };
  for (const [title, text] of Object.entries(refused)) {
    test(`refuse ${title}`, () => {
      assert.is(textProblems('a.ts', text).length, 1);
    });
  }

  test('take words in comments and strings for what they are', () => {
    const text = `${opening}// as any, any[]\nconst a = 'as any!';\nif (!a && a !== b) f(/a: any!;/);\nconst any = \`: any\`;\n`;
    assert.equal(textProblems('a.ts', text), []);
  });
});
