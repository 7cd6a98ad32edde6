// Help and reports on narrow terminals: whole words, columns that stay columns, and not a word lost.

import * as assert from 'uvu/assert';
import { commandTable } from '../../src/cli/commands/commandTable.js';
import { fitText } from '../../src/cli/fitText.js';
import { topicNames } from '../../src/cli/help/topicNames.js';
import { columnsOf } from '../../src/cli/textWidth.js';
import { describe } from '../helpers/describe.js';
import { runInProcess } from '../helpers/runInProcess.js';

describe('a text that is fitted', (test) => {
  const cases: readonly (readonly [title: string, text: string, columns: number, fitted: string])[] = [
    ['is as it was where it fits', 'a\n b  c\n', 6, 'a\n b  c\n'],
    ['is a paragraph again', 'one two three\nfour.\n\nfive', 10, 'one two\nthree\nfour.\n\nfive'],
    [
      'has one last column again',
      '  -a  one two three\n      four five six seven\n',
      24,
      '  -a  one two three four\n      five six seven\n',
    ],
    [
      'goes on below its last column',
      '  -a  one two three four five six',
      24,
      '  -a  one two three four\n      five six',
    ],
    [
      'goes on at the left where the last column has no room',
      '  --long  one two three',
      20,
      '  --long  one two\n    three',
    ],
    [
      'keeps a title and what is below it apart',
      'Examples:\n  one two three four',
      12,
      'Examples:\n  one two\n    three\n    four',
    ],
    ['leaves a long word whole', 'a https://example.com/a b', 10, 'a\nhttps://example.com/a\nb'],
    ['counts columns and not letters', '漢字 漢字 漢字', 9, '漢字 漢字\n漢字'],
  ];
  for (const [title, text, columns, fitted] of cases) {
    test(title, () => assert.is(fitText(text, columns), fitted));
  }
});

const lines = [
  ['--help'],
  ...commandTable.filter(({ isHidden }) => !isHidden).map(({ name }) => [name, '--help']),
  ...topicNames.map((topic) => ['help', topic]),
];

describe('on a terminal of 60 columns', (test) => {
  for (const words of lines) {
    test(`codexfs ${words.join(' ')} breaks no word and loses none`, async () => {
      const wide = await runInProcess(words);
      const narrow = await runInProcess(words, { isTerminal: true, columns: 60 });
      assert.equal(
        narrow.stdout.split('\n').filter((line) => columnsOf(line) > 60 && /\S +\S/.test(line)),
        [],
      );
      assert.equal(narrow.stdout.trim().split(/\s+/), wide.stdout.trim().split(/\s+/));
    });
  }

  test('codexfs completion bash is still a script', async () => {
    const wide = await runInProcess(['completion', 'bash']);
    const narrow = await runInProcess(['completion', 'bash'], { isTerminal: true, columns: 60 });
    assert.is(narrow.stdout, wide.stdout);
  });
});
