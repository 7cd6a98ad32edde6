// Strict base64 (RFC 4648 section 4, padded, canonical). Node's own decoder skips what it does not know.

/** The bytes that `text` stands for, or undefined if it is not exactly what an encoder would have written. */
export function decodeBase64(text: string): Buffer | undefined {
  const expectedBytes = decodedBytes(text);
  if (expectedBytes === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  // Node drops foreign characters, so a wrong one shows as missing bytes; only the URL-safe alphabet passes it whole,
  // and characters above U+00FF, of which it looks at the low byte.
  if (bytes.length !== expectedBytes || text.includes('-') || text.includes('_')) return undefined;
  if (/[\u0100-\uffff]/.test(text)) return undefined;
  return isCanonicalTail(text) ? bytes : undefined;
}

/** How many bytes `text` decodes to if it is base64 at all, by its length and padding; undefined if they are wrong. */
export function decodedBytes(text: string): number | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** How many characters the base64 of `bytes` bytes has. */
export function encodedChars(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** The bits behind the last byte must be zero, or two texts would stand for the same bytes. */
function isCanonicalTail(text: string): boolean {
  if (!text.endsWith('=')) return true;
  const tail = text.slice(-4);
  return Buffer.from(tail, 'base64').toString('base64') === tail;
}
