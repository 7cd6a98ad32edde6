// docs/API.md, made from the declarations that the compiler writes: every export of the library with its docstring.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Declaration {
  readonly name: string;
  readonly kind: string;
  /** The sentences of its docstring. */
  readonly doc: string;
  readonly text: string;
}

const intro = `# The library

\`import { connect, copy, serve, LocalFileSystem } from 'codexfs'\`. What stands here is the library; everything else in the package may change
at any time. Made from the source by \`npm run api\`; programs that use it are in [examples/](../examples).

\`\`\`ts
import { connect, copy, LocalFileSystem, TransferError } from 'codexfs';

await using box = await connect('ws://127.0.0.1:4500');
const here = new LocalFileSystem();
try {
  const { bytes } = await copy({ fileSystem: here, path: 'report.txt' }, { fileSystem: box, path: 'report.txt' });
  for (const { name, kind } of await box.list('.')) console.log(kind, name);
  console.log(bytes, 'bytes copied');
} catch (error) {
  if (error instanceof TransferError) console.error(error.about, error.code, error.partial);
  throw error;
}
\`\`\`

This is for TypeScript 5.2 or later with \`"module": "nodenext"\`, \`"target": "es2022"\` and the package \`@types/node\`. JavaScript has \`await using\`
since Node 24; before it, \`try { … } finally { await box.close(); }\` does the same. Relative paths on a server start in its working directory,
and \`~/\` is its home directory. The library prints nothing and reads no configuration.
`;

const sections: readonly (readonly [title: string, kinds: readonly string[]])[] = [
  ['Functions', ['function', 'const']],
  ['Classes', ['class']],
  ['Types', ['interface', 'type']],
];

/** The text of docs/API.md; \`compiled\` is the folder with the declarations of src/. */
export async function apiPage(compiled: string): Promise<string> {
  const declarations = await exportsOf(join(compiled, 'index.d.ts'));
  const parts = sections.map(([title, kinds]) => {
    const found = declarations.filter(({ kind }) => kinds.includes(kind)).sort(byName);
    return [`## ${title}`, ...found.map(entry)].join('\n\n');
  });
  return `${[intro.trimEnd(), ...parts].join('\n\n')}\n`;
}

function entry({ name, doc, text }: Declaration): string {
  return [`### ${name}`, ...(doc === '' ? [] : [doc]), `\`\`\`ts\n${text}\n\`\`\``].join('\n\n');
}

function byName(a: Declaration, b: Declaration): number {
  return a.name.localeCompare(b.name, 'en');
}

/** What a module exports, its own declarations and those it passes on. @throws when an export cannot be found */
async function exportsOf(file: string): Promise<Declaration[]> {
  const text = await readFile(file, 'utf8');
  const imported = new Map(
    [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']+)';$/gm)].flatMap(([, names = '', from = '']) =>
      namesIn(names).map((name) => [name, from] as const),
    ),
  );
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;$/gm)];
  const found = declarationsIn(text);
  for (const [, names = '', from] of passedOn) {
    for (const name of namesIn(names)) found.push(await declarationOf(name, file, from ?? imported.get(name)));
  }
  for (const [, from = ''] of text.matchAll(/^export \* from '([^']+)';$/gm)) {
    found.push(...(await exportsOf(pathOf(file, from))));
  }
  return found;
}

async function declarationOf(name: string, file: string, from: string | undefined): Promise<Declaration> {
  const declared = from === undefined ? [] : declarationsIn(await readFile(pathOf(file, from), 'utf8'));
  const same = declared.filter((candidate) => candidate.name === name);
  const [first] = same;
  if (first === undefined) throw new Error(`${file} exports ${name}, which is not found`);
  return { ...first, doc: same.map(({ doc }) => doc).find((doc) => doc !== '') ?? '', text: textOf(same) };
}

/** A function may be declared several times, once for each way to call it. */
function textOf(overloads: readonly Declaration[]): string {
  return overloads.map(({ text }) => text).join('\n');
}

function pathOf(file: string, from: string): string {
  return join(dirname(file), from.replace(/\.js$/, '.d.ts'));
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
}

/** The declarations that `text` exports itself: those on one line, and those that go on to a `}` in the first column. */
function declarationsIn(text: string): Declaration[] {
  const pattern =
    /(?:^\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n)?^export (?:declare )?(class|interface|type|function|const) (\w+)([^\n]*?(?:\{\n[\s\S]*?^\}[^\n]*|;?))$/gm;
  return [...text.matchAll(pattern)].map(([, doc = '', kind = '', name = '', rest = '']) => ({
    name,
    kind,
    doc: sentences(doc),
    text: withoutPrivate(`${kind} ${name}${rest}`),
  }));
}

/** A docstring as paragraphs: `@throws` stands on lines of its own. */
function sentences(doc: string): string {
  const words = doc
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim();
  return words
    .replace(/\s*@throws (\{[^}]*\})?\s*/g, (_, type: string | undefined) => `\n\nThrows ${bare(type)}`)
    .replace(/^\n+/, '');
}

function bare(type: string | undefined): string {
  return type === undefined ? '' : `\`${type.slice(1, -1)}\` `;
}

/** What nobody outside can use is not told: `#private` and private members. */
function withoutPrivate(text: string): string {
  return text.replace(/^ +(#private;|private .*)\n/gm, '').replaceAll('    ', '  ');
}
