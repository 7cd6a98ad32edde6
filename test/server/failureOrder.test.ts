// What a client hears when one of its pipelined writes fails: the cause first, then the refusals that follow from it.

import * as assert from 'uvu/assert';
import { asError } from '../../src/errors.js';
import type { PositionalWriteHandle } from '../../src/fs/FileSystem.js';
import { FileHandles } from '../../src/server/FileHandles.js';
import { describe } from '../helpers/describe.js';

function gate() {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe('a handle whose operation fails', (test) => {
  test('answers the failure first, then what was queued, then what came while the file was closing', async () => {
    const closing = gate();
    const closed = gate();
    const file = {
      close: () => {
        closing.open();
        return closed.passed;
      },
    } as unknown as PositionalWriteHandle;
    const handles = new FileHandles(4);
    await handles.open('w', 'write', async () => file);
    const answers: string[] = [];
    const started: number[] = [];
    const run = (number: number, work: () => Promise<void>) => {
      const operation = () => {
        started.push(number);
        return work();
      };
      const heard = (words: string) => void answers.push(`${number}: ${words}`);
      return handles.run('w', 'write', operation).then(
        () => heard('done'),
        (error: unknown) => heard(asError(error).message),
      );
    };
    const operations = [
      run(1, async () => {}),
      run(2, () => Promise.reject(new Error('the disk is full'))),
      run(3, async () => {}),
    ];
    await closing.passed;
    operations.push(run(4, async () => {}));
    closed.open();
    await Promise.all(operations);
    assert.equal(answers, [
      '1: done',
      '2: the disk is full',
      '3: unknown file handle `w`',
      '4: unknown file handle `w`',
    ]);
    assert.equal(started, [1, 2]);
    assert.is(handles.size, 0);
  });
});
