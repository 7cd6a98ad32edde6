// Strict base64 (RFC 4648 section 4, padded, canonical) between bytes and the text of a frame. Node's own decoder skips
// what it does not know, so its answers are checked.

import { takeChunk } from './chunkPool.js';

/**
 * Characters converted at a time. A megabyte as one string lives outside V8's heap until a full collection; in pieces of
 * this size the strings die young, and the memory of a transfer stays flat. A multiple of 4.
 */
const pieceChars = 64 * 1024;

/** The bytes that `text` stands for, or undefined if it is not exactly what an encoder would have written. */
export function decodeBase64(text: string): Buffer | undefined {
  const frame = Buffer.from(text, 'utf8');
  return decodeBase64At(frame, 0, frame.length);
}

/** The same for the text that stands in `frame` from `start` up to but not including `end`. */
export function decodeBase64At(frame: Buffer, start: number, end: number): Buffer | undefined {
  const sizeBytes = decodedBytes(frame, start, end);
  if (sizeBytes === undefined) return undefined;
  const bytes = takeChunk(sizeBytes);
  let filled = 0;
  for (let at = start; at < end; at += pieceChars) {
    const piece = frame.toString('latin1', at, Math.min(at + pieceChars, end));
    const wanted = Math.min((pieceChars / 4) * 3, sizeBytes - filled);
    // Foreign characters are dropped, so a wrong one shows as missing bytes; only the URL-safe alphabet passes whole.
    if (bytes.write(piece, filled, 'base64') !== wanted || piece.includes('-') || piece.includes('_')) return undefined;
    filled += wanted;
  }
  return isCanonicalTail(frame, start, end) ? bytes : undefined;
}

/** Writes the base64 of `bytes` into `frame` at `offset`, where there is room for `encodedChars(bytes.length)`. */
export function encodeBase64At(bytes: Buffer, frame: Buffer, offset: number): void {
  const pieceBytes = (pieceChars / 4) * 3;
  for (let at = 0, to = offset; at < bytes.length; at += pieceBytes, to += pieceChars) {
    frame.write(bytes.toString('base64', at, Math.min(at + pieceBytes, bytes.length)), to, 'latin1');
  }
}

/** How many characters the base64 of `bytes` bytes has. */
export function encodedChars(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

const equals = 0x3d;

/** How many bytes the text decodes to if it is base64 at all, by its length and padding. */
function decodedBytes(frame: Buffer, start: number, end: number): number | undefined {
  const chars = end - start;
  if (chars % 4 !== 0) return undefined;
  if (chars === 0) return 0;
  const padding = frame[end - 1] !== equals ? 0 : frame[end - 2] === equals ? 2 : 1;
  return (chars / 4) * 3 - padding;
}

/** The bits behind the last byte must be zero, or two texts would stand for the same bytes. */
function isCanonicalTail(frame: Buffer, start: number, end: number): boolean {
  if (end === start || frame[end - 1] !== equals) return true;
  const tail = frame.toString('latin1', end - 4, end);
  return Buffer.from(tail, 'base64').toString('base64') === tail;
}
