// The runner must be able to fail: every way in which a test file can go wrong, as generated files.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { describe, rejection } from './helpers/describe.js';
import { repositoryRoot } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporaryDirectory.js';

const describeUrl = pathToFileURL(join(repositoryRoot, 'dist/test/helpers/describe.js')).href;
const imports = `import { describe, rejection } from '${describeUrl}';
import * as assert from '${import.meta.resolve('uvu/assert')}';`;
const runner = join(repositoryRoot, 'dist/test/run.js');

/** Runs the runner on files with these bodies; each may use `describe`, `rejection` and uvu's `assert`. */
async function run(bodies: Record<string, string>, ...args: string[]) {
  await using directory = await temporaryDirectory();
  for (const [name, body] of Object.entries(bodies)) {
    await writeFile(directory.join(name), `${imports}\n${body}`);
  }
  await writeFile(directory.join('package.json'), '{"type":"module"}');
  return await runnerOn(directory.path, args);
}

function runnerOn(directory: string, args: string[]) {
  return new Promise<{ status: unknown; lines: string[]; output: string }>((resolve) => {
    execFile(process.execPath, [runner, `--directory=${directory}`, ...args], (error, stdout, stderr) => {
      const output = stdout + stderr;
      resolve({ status: error === null ? 0 : error.code, lines: stdout.trimEnd().split('\n'), output });
    });
  });
}

const passing = `describe('a', (test) => { test('works', () => {}); test('works later', async () => {}); });`;

describe('the test runner', (test) => {
  test('passes files whose tests all pass', async () => {
    const { status, lines } = await run({ 'a.test.js': passing, 'b.test.js': passing });
    assert.is(lines.at(-1), '4 passed, 0 failed');
    assert.is(lines.filter((line) => /\d+ passed, \d+ failed/.test(line)).length, 1);
    assert.is(status, 0);
  });

  test('runs only the files that a pattern names', async () => {
    const { status, lines } = await run({ 'one.test.js': passing, 'two.test.js': 'throw 1' }, 'one');
    assert.is(lines.at(-1), '2 passed, 0 failed');
    assert.is(status, 0);
  });

  test('fails for a pattern that matches nothing', async () => {
    const { status, lines, output } = await run({ 'one.test.js': passing }, 'one', 'tow');
    assert.is(lines.at(-1), '2 passed, 1 failed');
    assert.is(status, 1);
    assert.match(output, 'no test file has "tow" in its path');
  });

  test('fails for a folder without tests', async () => {
    const { status, lines } = await run({});
    assert.is(lines.at(-1), '0 passed, 1 failed');
    assert.is(status, 1);
  });

  test('prints skipped tests with their reasons', async () => {
    const { status, lines, output } = await run({
      'a.test.js': `describe('a', (test) => { test('b', () => {}); test('c', () => {}, { skip: 'no moon' }); });`,
    });
    assert.is(lines.at(-1), '1 passed, 0 failed, 1 skipped');
    assert.match(output, 'skipped: a › c: no moon');
    assert.is(status, 0);
  });

  test('keeps the other tests when one hangs, and names it', async () => {
    const { status, lines, output } = await run({
      'a.test.js': `describe('a', (test) => {
        test('hangs', () => new Promise(() => {}), { timeoutMs: 50 });
        test('works', () => {});
      });`,
    });
    assert.is(lines.at(-1), '1 passed, 1 failed');
    assert.match(output, /a › hangs[\s\S]*did not finish within 50 ms/);
    assert.is(status, 1);
  });

  test('gives the text of a failed assertion', async () => {
    const { output } = await run({
      'a.test.js': `describe('a', (test) => test('differs', () => { assert.equal({ x: 1 }, { x: 2 }) }) );`,
    });
    assert.match(output, 'a › differs');
    assert.match(output, /Actual[\s\S]*Expected/);
  });
});

/** File bodies that must fail: how many tests pass beside the failure, and what the output says. */
const failing: Record<string, { body: string; passed: number; says: RegExp }> = {
  'a failing test': {
    body: `describe('a', (test) => { test('b', () => { throw new Error('boom') }); test('c', () => {}); });`,
    passed: 1,
    says: /a › b[\s\S]*boom/,
  },
  'a test that throws no error': {
    body: `describe('a', (test) => test('b', () => Promise.reject(undefined)) );`,
    passed: 0,
    says: /a › b\n +undefined/,
  },
  'an error that uvu cannot print': {
    body: `describe('a', (test) => test('b', () => { throw Object.assign(new Error('odd'), { details: 7, operator: 3 }) }));`,
    passed: 0,
    says: /odd/,
  },
  'no test at all': { body: '', passed: 0, says: /the file ran no test/ },
  'an empty suite': { body: `describe('a', () => {});`, passed: 0, says: /the file ran no test/ },
  'only skipped tests': {
    body: `describe('a', (test) => { test('b', () => {}, { skip: 'never' }); });`,
    passed: 0,
    says: /the file ran no test/,
  },
  'an exit with status 0 before the end': {
    body: `describe('a', (test) => { test('b', () => {}); test('c', () => process.exit(0)); test('d', () => {}); });`,
    passed: 1,
    says: /registered and not run: a › c; a › d/,
  },
  'a throw while loading': { body: `throw new Error('early');`, passed: 0, says: /exited with status 1[\s\S]*early/ },
  'a suite whose body is async': {
    body: `describe('a', async (test) => { test('b', () => {}); });`,
    passed: 0,
    says: /must be synchronous/,
  },
  'two tests of one title': {
    body: `describe('a', (test) => { test('b', () => {}); test('b', () => {}); });`,
    passed: 0,
    says: /two tests are called "a › b"/,
  },
  'an unhandled rejection': {
    body: `describe('a', (test) => {
      test('b', async () => { void Promise.reject(new Error('stray')); await new Promise(setImmediate); });
    });`,
    passed: 0,
    says: /during "a › b"[\s\S]*stray/,
  },
  'something left open': {
    body: `import { createServer } from 'node:net';
      describe('a', (test) => test('b', () => new Promise((resolve) => createServer().listen(0, '127.0.0.1', resolve))));`,
    passed: 1,
    says: /did not end after its last test; still active: .*TCPServerWrap/,
  },
  'a child left running': {
    body: `import { spawn } from 'node:child_process';
      describe('a', (test) => test('b', () => {
        spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true }).unref();
      }));`,
    passed: 1,
    says: /the file left 1 process\(es\) running/,
  },
  'a promise that fulfils where a rejection is expected': {
    body: `describe('a', (test) => test('b', async () => { await rejection(Promise.resolve(5)); }));`,
    passed: 0,
    says: /expected a rejection, but the promise fulfilled with 5/,
  },
  'a rejection of another class': {
    body: `describe('a', (test) => test('b', async () => { await rejection(Promise.reject(new Error('x')), TypeError); }));`,
    passed: 0,
    says: /expected a rejection with TypeError/,
  },
};

describe('the test runner fails for', (test) => {
  for (const [title, { body, passed, says }] of Object.entries(failing)) {
    test(title, async () => {
      const { status, lines, output } = await run({ 'a.test.js': body });
      assert.match(output, says);
      assert.match(lines.at(-1) ?? '', `${passed} passed, 1 failed`);
      assert.is(status, 1);
    });
  }

  test('a file that blocks its thread, and names the test', async () => {
    const body = `describe('a', (test) => test('spins', () => { for (;;); }));`;
    const { status, lines, output } = await run({ 'a.test.js': body }, '--file-deadline-ms=1500');
    assert.match(output, 'was killed after 1500 ms during "a › spins"');
    assert.match(output, 'registered and not run: a › spins');
    assert.is(lines.at(-1), '0 passed, 1 failed');
    assert.is(status, 1);
  });
});

describe('rejection', (test) => {
  test('resolves with the error of a rejecting promise', async () => {
    const error = new TypeError('no');
    assert.is(await rejection(Promise.reject(error), TypeError), error);
  });
});
