// Preloaded into a child (`node --import`): counts the bytes that its code moves from one place in memory to another, and writes the
// sum to the file that CODEXFS_TEST_COPIES names. Counted are the calls that do so, by what they write: copies, joined and sliced
// buffers, text made of bytes and bytes made of text, and the masks of WebSocket frames. What the system and Node's own native
// code copy (sockets, files) is not seen.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

let copiedBytes = 0;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Has the method `name` of `owner` count what `written` says of a call's result and arguments. */
function count(owner: object, name: string, written: (result: unknown, args: readonly unknown[]) => number): void {
  const original = Reflect.get(owner, name) as Method;
  const counting: Method = function (...args) {
    const result = original.apply(this, args);
    copiedBytes += written(result, args);
    return result;
  };
  Object.defineProperty(owner, name, { value: counting, writable: true, configurable: true });
}

/** Of bytes and of one-byte texts alike. */
function lengthOf(value: unknown): number {
  return (value as { readonly length: number }).length;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

for (const name of ['copy', 'write']) count(Buffer.prototype, name, (bytes) => bytes as number);
count(Buffer.prototype, 'toString', lengthOf);
count(Buffer, 'concat', lengthOf);
count(Buffer, 'from', (made, [of]) => (of instanceof ArrayBuffer ? 0 : lengthOf(made)));
count(typedArray, 'set', (_, [from]) => lengthOf(from));
count(typedArray, 'slice', lengthOf);
count(typedArray, 'copyWithin', (_, [, start, end]) => (end as number) - (start as number));
count(TextDecoder.prototype, 'decode', lengthOf);

const require = createRequire(import.meta.url);
// Newer Nodes do what the package does, under names of their own.
for (const [owner, mask, unmask] of [
  [require('bufferutil') as object, 'mask', 'unmask'],
  [require('node:http') as object, 'websocketMask', 'websocketUnmask'],
] as const) {
  if (!(mask in owner)) continue;
  count(owner, mask, (_, args) => args[4] as number);
  count(owner, unmask, (_, [bytes]) => lengthOf(bytes));
}

process.on('exit', () => writeFileSync(process.env.CODEXFS_TEST_COPIES ?? '/dev/null', String(copiedBytes)));
