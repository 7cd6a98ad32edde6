// `jq -es 'last.exitStatus == 0'` and nothing else, as a program: prints the verdict, and ends with 1 where it is false.

import { text } from 'node:stream/consumers';

const [flags, filter, ...rest] = process.argv.slice(2);
if (flags !== '-es' || filter !== 'last.exitStatus == 0' || rest.length > 0)
  throw new Error('not the filter that is known');
const records = (await text(process.stdin)).split('\n').filter((line) => line !== '');
const last = records.map((line) => JSON.parse(line) as { readonly exitStatus?: unknown }).at(-1);
const verdict = last?.exitStatus === 0;
console.log(verdict);
process.exitCode = verdict ? 0 : 1;
