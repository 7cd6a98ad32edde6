// One line of a list of sums, in the forms of sha256sum(1): written, and read again.

/** `HEX  NAME` without a line end. A name with a backslash or a line end in it is escaped, which a backslash before HEX says. */
export function sumLine(sha256: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) => escapes[character] ?? character);
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}`;
}

export interface ListedSum {
  /** In lower case. */
  readonly sha256: string;
  readonly name: string;
}

/** What `line` says, in the form above or as `SHA256 (NAME) = HEX`; undefined if it is neither. */
export function parseSumLine(line: string): ListedSum | undefined {
  const [, isEscaped, sha256, name] = /^(\\?)([\da-f]{64}) [ *](.+)$/is.exec(line) ?? tagged(line) ?? [];
  if (sha256 === undefined || name === undefined) return undefined;
  const plain = isEscaped === '\\' ? unescaped(name) : name;
  return plain === undefined ? undefined : { sha256: sha256.toLowerCase(), name: plain };
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const meanings = new Map(Object.entries(escapes).map(([character, written]) => [written, character]));

function tagged(line: string): readonly string[] | undefined {
  const [whole = '', isEscaped = '', name = '', sha256 = ''] =
    /^(\\?)SHA256 \((.+)\) = ([\da-f]{64})$/is.exec(line) ?? [];
  return whole === '' ? undefined : [whole, isEscaped, sha256, name];
}

/** Undefined if there is an escape that means nothing. */
function unescaped(name: string): string | undefined {
  const pieces = name.split(/(\\.?)/s).map((piece) => (piece.startsWith('\\') ? meanings.get(piece) : piece));
  return pieces.includes(undefined) ? undefined : pieces.join('');
}
