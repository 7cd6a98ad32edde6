// The fast way for messages that carry a chunk: bytes <-> frame without JSON in between. The base64 of a chunk is cut
// out of the frame by position and only the little that is left goes through JSON.parse. A frame of any other shape takes
// the general parser: slower, never wrong.

import { isAscii } from 'node:buffer';
import { ProtocolError } from '../errors.js';
import { decodeBase64At, encodeBase64At, encodedChars } from './base64.js';
import { takeChunk } from './chunkPool.js';
import { limits } from './limits.js';

/** The members that carry base64, on either side. */
export const chunkFields = ['chunk', 'dataBase64'] as const;
export type ChunkField = (typeof chunkFields)[number];

/** A parsed message. Where `chunk` is set, that member of params or result is an empty string and these are its bytes. */
export interface ParsedFrame {
  readonly message: unknown;
  readonly chunk?: { readonly field: ChunkField; readonly bytes: Buffer };
}

/** Frames below this many bytes gain nothing from the fast way. */
const minFastBytes = 1024;
/** How far into a frame the chunk may begin; before it stand the id, the method and a handle ID. */
const headBytes = 768;
/** How much may follow a chunk: `","eof":false}}` and some slack for spaces. */
const tailBytes = 64;

const markers = chunkFields.map((field) => ({ field, bytes: Buffer.from(`"${field}":"`, 'latin1') }));
const quote = 0x22;

/** Counts for tests and `CODEXFS_DEBUG`: how many large frames went the fast way and how many did not. */
export const bulkCounts = { fast: 0, slow: 0 };

/**
 * Parses one frame (UTF-8 JSON).
 * @throws {ProtocolError} when it is not JSON, not UTF-8, or nested deeper than `limits.messageDepth`
 */
export function parseFrame(frame: Buffer): ParsedFrame {
  if (frame.length >= minFastBytes) {
    const fast = parseAroundChunk(frame);
    if (fast !== undefined) {
      bulkCounts.fast++;
      return fast;
    }
    bulkCounts.slow++;
  }
  return { message: parseJson(frame) };
}

function parseAroundChunk(frame: Buffer): ParsedFrame | undefined {
  const head = frame.subarray(0, headBytes);
  for (const marker of markers) {
    const at = head.indexOf(marker.bytes);
    if (at < 0) continue;
    const start = at + marker.bytes.length;
    const end = frame.indexOf(quote, start);
    if (end < 0 || frame.length - end > tailBytes) return undefined;
    const tail = frame.toString('latin1', end);
    if (tail.includes(`"${marker.field}"`)) return undefined;
    const bytes = decodeBase64At(frame, start, end);
    if (bytes === undefined) return undefined;
    const message = parseJson(Buffer.concat([frame.subarray(0, start), frame.subarray(end)]));
    return hasEmptyMember(message, marker.field) ? { message, chunk: { field: marker.field, bytes } } : undefined;
  }
  return undefined;
}

/** The chunk must be a member of params or result, whichever of them there is; anything else is a frame of another shape. */
function hasEmptyMember(message: unknown, field: ChunkField): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { params, result } = message as { params?: unknown; result?: unknown };
  if (params !== undefined && result !== undefined) return false;
  const body = params ?? result;
  return typeof body === 'object' && body !== null && (body as Record<string, unknown>)[field] === '';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(frame: Buffer): unknown {
  checkDepth(frame);
  let text: string;
  try {
    // Half the memory of what the decoder makes of it.
    text = isAscii(frame) ? frame.toString('latin1') : utf8.decode(frame);
  } catch (cause) {
    throw new ProtocolError('message', 'the message is not UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8 quotes the text in its message, so it stays a cause and out of what people see.
    throw new ProtocolError('message', 'the message is not JSON', { cause });
  }
}

/** JSON.parse follows any nesting and whoever walks the result then overflows the stack, so it is bounded here. */
function checkDepth(frame: Buffer): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < frame.length; at++) {
    const byte = frame[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limits.messageDepth) {
        throw new ProtocolError('message', `the message is nested deeper than ${limits.messageDepth}`);
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

/**
 * The frame of `message`, whose params or result may hold one Buffer under a chunk field: that becomes base64.
 * The chunk is put last, where `parseFrame` of the other side finds it fastest. The frame may be given to `recycleChunk`.
 */
export function encodeFrame(message: { readonly [key: string]: unknown }): Buffer {
  const bodyKey = message.params === undefined ? 'result' : 'params';
  const body = message[bodyKey];
  const field = chunkFieldOf(body);
  if (field === undefined) return Buffer.from(JSON.stringify(message), 'utf8');
  const { [field]: bytes, ...rest } = body as Record<string, unknown>;
  return spliceChunk({ ...message, [bodyKey]: { ...rest, [field]: '' } }, bytes as Buffer);
}

/** Replaces the empty string that ends the last member of the body (`""}}`) by the base64 of `bytes`. */
function spliceChunk(message: { readonly [key: string]: unknown }, bytes: Buffer): Buffer {
  const text = JSON.stringify(message);
  const tail = '"}}';
  const headLength = Buffer.byteLength(text) - tail.length;
  const frame = takeChunk(headLength + encodedChars(bytes.length) + tail.length);
  frame.write(text, 0, headLength, 'utf8');
  encodeBase64At(bytes, frame, headLength);
  frame.write(tail, frame.length - tail.length, 'latin1');
  return frame;
}

function chunkFieldOf(body: unknown): ChunkField | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  return chunkFields.find((field) => Buffer.isBuffer((body as Record<string, unknown>)[field]));
}

/** Puts the bytes that travelled outside the JSON into their place. */
export function withChunk<T extends object>(body: T, chunk: ParsedFrame['chunk']): T {
  if (chunk === undefined || !Object.hasOwn(body, chunk.field)) return body;
  return { ...body, [chunk.field]: chunk.bytes };
}
