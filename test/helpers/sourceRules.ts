// The rules of docs/ARCHITECTURE.md as functions over source text. They read text and not types, which is enough for
// imports that stand where the formatter puts them.

/** Source texts by path relative to src, with forward slashes: `rpc/Connection.ts`. */
export type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const everywhere = ['protocol', 'errors', 'debug', 'onAbort', 'version'];

/** What each layer may import besides itself and `everywhere`. A file directly in src is a layer of its own. */
const layers: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  debug: [],
  onAbort: [],
  version: [],
  protocol: [],
  transport: [],
  rpc: ['transport'],
  dialects: ['rpc', 'transport'],
  fs: ['dialects', 'rpc', 'transport'],
  remotes: ['fs', 'dialects', 'rpc', 'transport'],
  transfer: ['fs'],
  server: ['fs', 'rpc', 'transport'],
  cli: ['remotes', 'transfer', 'server', 'fs', 'dialects', 'rpc', 'transport'],
  index: ['remotes', 'transfer', 'server', 'fs', 'dialects', 'rpc', 'transport'],
};

/** Who alone may import a package: files and folders. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  ws: ['transport/webSocket.ts', 'transport/WebSocketTransport.ts'],
  execa: ['transport/stdio.ts'],
  commander: ['cli/'],
  'cli-progress': ['cli/'],
  diff: ['cli/'],
};

const maxLines = 300;

/** Whether `name` is a package that only the command line uses, and so a part of dist/program that nobody has to install. */
export function isPartOfProgram(name: string): boolean {
  return packageOwners[name]?.every((owner) => owner === 'cli/') ?? false;
}

/** Every breach of the rules for imports, in words. `packages` are those that package.json lets the program need. */
export function importProblems(sources: Sources, packages: readonly string[]): string[] {
  const imports = [...sources].flatMap(([from, text]) => importsOf(from, text));
  return [...imports.flatMap((one) => problemOf(one, sources, packages)), ...cycles(sources, imports)];
}

/** Every breach of the rules for the text of one file, in words. */
export function textProblems(path: string, text: string): string[] {
  const code = withoutTexts(text);
  const problems: string[] = [];
  const opening = /^(?:\/\/ [^\n]*\n)+|^\/\*\*[\s\S]*?\*\/\n/.exec(text)?.[0];
  const openingLines = opening === undefined ? 0 : opening.trimEnd().split('\n').length;
  if (openingLines < 1 || openingLines > 3) problems.push('does not open with a comment of one to three lines');
  const lines = text.trimEnd().split('\n').length;
  if (lines > maxLines) problems.push(`has ${lines} lines, more than ${maxLines}`);
  if (/(?:[:<,|&=(]|=>|\bas|\bof|\bextends)\s*any\b(?!\s*[:(])|\bany\[\]/.test(code))
    problems.push('uses the type any');
  if (/[\w)\]]!(?=[.,;)\]}[(\s:])(?!\s*=)/.test(code)) problems.push('asserts that something is not null with !');
  if (/@ts-(?:ignore|expect-error|nocheck)/.test(text)) problems.push('silences the compiler');
  return problems.map((problem) => `${path} ${problem}`);
}

function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[\w*{][^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const calls = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [
    ...[...statements].map((found) => ({ from, specifier: found[2] ?? '', isTypeOnly: found[1] !== undefined })),
    ...[...calls].map((found) => ({ from, specifier: found[1] ?? '', isTypeOnly: false })),
  ];
}

function problemOf({ from, specifier, isTypeOnly }: Import, sources: Sources, packages: readonly string[]): string[] {
  if (specifier.startsWith('node:')) return [];
  if (!specifier.startsWith('.')) return packageProblem(from, specifier, packages);
  const to = resolve(from, specifier);
  if (!sources.has(to)) return [`${from} imports ${specifier}, which is no file of src`];
  if (layerOf(to) === layerOf(from)) return [];
  // The dialects implement the handle interfaces of the seam; nothing else of fs is theirs.
  if (layerOf(from) === 'dialects' && to === 'fs/FileSystem.ts' && isTypeOnly) return [];
  const allowed = layers[layerOf(from)];
  if (allowed === undefined) return [`${from} is in a layer that the rules do not know`];
  const isLeaf = ['errors', 'debug', 'onAbort', 'version'].includes(layerOf(from));
  const isForAll = everywhere.includes(layerOf(to)) && !isLeaf;
  return isForAll || allowed.includes(layerOf(to)) ? [] : [`${from} must not import ${to}`];
}

function packageProblem(from: string, specifier: string, packages: readonly string[]): string[] {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (!packages.includes(name)) return [`${from} imports ${name}, which package.json does not list`];
  const owners = packageOwners[name];
  if (owners === undefined || owners.some((owner) => from.startsWith(owner))) return [];
  return [`${from} must not import the package ${name}`];
}

/** Each file that leads back to itself, with the way. */
function cycles(sources: Sources, imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>([...sources.keys()].map((path) => [path, []]));
  for (const { from, specifier } of imports) {
    if (specifier.startsWith('.')) edges.get(from)?.push(resolve(from, specifier));
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push(`imports go round in a circle: ${[...way.slice(at), path].join(' → ')}`);
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1).replace(/\.js$/, '.ts');
}

function layerOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
}

/** The code without comments and without what stands in strings and regular expressions. */
function withoutTexts(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|\$\{[^}]*\}|[^`\\])*`|(?<=[(,=:[!&|?]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g,
    (found) => (found.startsWith('/') ? ' ' : "''"),
  );
}
