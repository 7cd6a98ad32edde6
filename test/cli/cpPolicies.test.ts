// Sizes, questions, and the command that goes on: the parts of cp's options that need no server.

import { PassThrough } from 'node:stream';
import * as assert from 'uvu/assert';
import { ContinueCommand } from '../../src/cli/cp/ContinueCommand.js';
import { parseSize } from '../../src/cli/quantities.js';
import { Terminal } from '../../src/cli/Terminal.js';
import { CancelledError, UsageError } from '../../src/errors.js';
import { describe, rejection } from '../helpers/describe.js';

describe('a size', (test) => {
  const sizes: readonly (readonly [string, number])[] = [
    ['1', 1],
    ['4096', 4096],
    ['512K', 524_288],
    ['512k', 524_288],
    ['10M', 10_485_760],
    ['1.5MiB', 1_572_864],
    ['2GB', 2_147_483_648],
    ['100B', 100],
  ];
  for (const [text, bytes] of sizes) {
    test(`${text} is ${bytes} bytes`, () => assert.is(parseSize(text, '--x', { least: 1 }), bytes));
  }

  for (const text of ['', 'K', '-1', '1e9', '0x10', '1 M', '1Mi', '0', '9999999T']) {
    test(`"${text}" is refused`, () => {
      assert.throws(
        () => parseSize(text, '--x', { least: 1 }),
        (error: unknown) => error instanceof UsageError && error.message.startsWith('--x: '),
      );
    });
  }
});

describe('the command that goes on', (test) => {
  const lines: readonly (readonly [string[], string])[] = [
    [['cp', 'box:a', 'b'], 'codexfs cp --continue box:a b'],
    [['cp', '--continue', 'box:a', 'b'], 'codexfs cp --continue box:a b'],
    [['--remote', 'cp=ws://h:1', 'cp', 'cp:a', 'cp'], 'codexfs --remote cp=ws://h:1 cp --continue cp:a cp'],
    [['--token-file', 'cp', 'cp', '--', 'box:-a', 'b'], 'codexfs --token-file cp cp --continue -- box:-a b'],
    [
      ['--remote', 'box=exec:ssh box codex', 'cp', "box:it's", '~'],
      `codexfs --remote 'box=exec:ssh box codex' cp --continue 'box:it'\\''s' '~'`,
    ],
    [['cp', 'box:a b', '$HOME/*'], `codexfs cp --continue 'box:a b' '$HOME/*'`],
    [['cp', 'a\x1b[31m\n', 'box:'], "codexfs cp --continue 'a'$'\\x1b''[31m'$'\\n' box:"],
  ];
  for (const [words, line] of lines) {
    test(`of ${words.join(' ')} is ${line}`, () =>
      assert.is(String(new ContinueCommand('cp', words, ['--continue'])), line));
  }

  test('does not copy into the copy', () => {
    const command = new ContinueCommand('cp', ['cp', '-r', 'box:a', 'b'], ['--continue']);
    command.noteCopyItself();
    command.noteCopyItself();
    assert.is(String(command), 'codexfs cp -T --continue -r box:a b');
  });
});

describe('questions on a terminal', (test) => {
  const onTerminal = () => {
    const input = new PassThrough();
    const shown: string[] = [];
    const terminal = new Terminal(
      input,
      (text) => void shown.push(text),
      () => input.destroy(),
    );
    return { input, shown, terminal };
  };

  test('are asked one after the other, each with an answer of its own', async () => {
    const { input, shown, terminal } = onTerminal();
    using _ = terminal;
    const answers = [terminal.confirm('a? '), terminal.confirm('b? '), terminal.confirm('c? ')];
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(shown, ['a? ']);
    input.write('Yes\nno\n');
    assert.equal(await Promise.all(answers.slice(0, 2)), [true, false]);
    input.end();
    assert.is(await answers[2], false);
    assert.equal(shown, ['a? ', 'b? ', 'c? ']);
  });

  test('are given up with what they were asked for', async () => {
    const { terminal } = onTerminal();
    using _ = terminal;
    const controller = new AbortController();
    const asked = rejection(terminal.confirm('a? ', controller.signal));
    const reason = new CancelledError('SIGINT');
    controller.abort(reason);
    assert.is(await asked, reason);
  });
});
