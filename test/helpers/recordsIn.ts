// The records that codexfs wrote, each checked against schema/records.json.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { schemaProblems } from './jsonSchema.js';
import { repositoryRoot } from './repository.js';

export type ReadRecord = Readonly<Record<string, unknown>> & { readonly v: unknown; readonly type: unknown };

/** The records of `text`, one a line. Fails unless each fits its schema and exactly the last one is the summary. */
export async function recordsIn(text: string | Buffer): Promise<ReadRecord[]> {
  const records = await linesIn(text);
  const summaries = records.filter(({ type }) => type === 'summary');
  assert.is(summaries.length, 1, `one summary in ${text}`);
  assert.is(records.at(-1), summaries[0], `the summary is the last record of ${text}`);
  return records;
}

/** The last of the records of `text`, which are checked as by `recordsIn`. */
export async function summaryIn(text: string | Buffer): Promise<ReadRecord> {
  const summary = (await recordsIn(text)).at(-1);
  assert.ok(summary !== undefined);
  return summary;
}

/** The records of `text`, of which there may be more. Fails unless each is a whole line and fits its schema. */
export async function linesIn(text: string | Buffer): Promise<ReadRecord[]> {
  const { anyOf } = JSON.parse(await readFile(join(repositoryRoot, 'schema/records.json'), 'utf8')) as {
    readonly anyOf: readonly ({ readonly title: string } & Record<string, unknown>)[];
  };
  const lines = String(text).split('\n');
  assert.is(lines.pop(), '', 'the last line ends');
  return lines.map((line) => {
    const record = JSON.parse(line) as ReadRecord;
    const schema = anyOf.find(({ title }) => title === record.type);
    assert.ok(schema !== undefined, `a record of no known type: ${line}`);
    assert.equal(schemaProblems(schema, record), [], line);
    return record;
  });
}
