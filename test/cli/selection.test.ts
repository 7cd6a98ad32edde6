// The options that say what is copied: --exclude, --include, --exclude-from, --files-from, -0 and --range.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { farAndNear } from '../helpers/farAndNear.js';
import { runCodexfs } from '../helpers/runCodexfs.js';

const tree = {
  't/a.txt': 'A',
  't/b.log': 'B',
  't/build/out.o': 'O',
  't/src/build/c.txt': 'C',
  't/src/d.log': 'D',
  'other.log': 'L',
  'other.txt': 'T',
};

describe('cp --exclude and --include', (test) => {
  test('decide by the last pattern that matches, in the order of the words', async () => {
    await using setting = await farAndNear(tree, { patterns: '*.log\n# not this\n\n!d.log\r\n' });
    const { run, place } = setting;
    const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
      [
        ['--exclude', '*.log'],
        ['a.txt', 'build/out.o', 'src/build/c.txt'],
      ],
      [
        ['--exclude', '/build'],
        ['a.txt', 'b.log', 'src/build/c.txt', 'src/d.log'],
      ],
      [
        ['--exclude', 'build/'],
        ['a.txt', 'b.log', 'src/d.log'],
      ],
      [
        ['--exclude', '*', '--include', '*/', '--include', '*.txt'],
        ['a.txt', 'src/build/c.txt'],
      ],
      [
        ['--exclude', '*.log', '--include', 'd.*'],
        ['a.txt', 'build/out.o', 'src/build/c.txt', 'src/d.log'],
      ],
      [
        ['--exclude', '*.log', '--include', 'd.*', '--exclude', '*.log'],
        ['a.txt', 'build/out.o', 'src/build/c.txt'],
      ],
      [
        ['--exclude-from', 'NEAR/patterns'],
        ['a.txt', 'build/out.o', 'src/build/c.txt', 'src/d.log'],
      ],
      [
        ['--exclude-from', 'NEAR/patterns', '--exclude', 'src'],
        ['a.txt', 'build/out.o'],
      ],
    ];
    for (const [index, [options, files]] of cases.entries()) {
      for (const [from, to] of [
        ['box:FAR/t/.', `NEAR/down${index}`],
        ['FAR/t/.', `box:NEAR/up${index}`],
      ] as const) {
        const { status, stderr } = await run('cp', '-r', ...options, from, to);
        assert.equal([status, stderr], [0, ''], options.join(' '));
        const start = `${to.replace(/.*NEAR\//, '')}/`;
        const found = Object.keys(await setting.near()).filter((path) => path.startsWith(start) && !path.endsWith('/'));
        assert.equal(
          found.map((path) => path.slice(start.length)),
          files,
          options.join(' '),
        );
      }
    }
    assert.ok(place.path);
  });

  test('are about operands too, and say so', async () => {
    await using setting = await farAndNear(tree);
    const { status, stderr } = await setting.run('cp', '--exclude', '*.log', 'box:FAR/other.*', 'NEAR/');
    assert.equal([status, setting.told(stderr)], [0, 'codexfs: cp: skipped box:FAR/other.log: excluded\n']);
    assert.equal(await setting.near(), { 'other.txt': 'T' });
  });

  test('are refused where they can do nothing, or their file cannot be read', async () => {
    await using setting = await farAndNear(tree);
    const { run } = setting;
    for (const [options, message] of [
      [['--include', '*.txt'], /no --exclude before it/],
      [['--exclude', ' '], /is no pattern/],
      [['--exclude-from', 'NEAR/none'], /cannot read --exclude-from .*: no such file/],
    ] as const) {
      const { status, stderr } = await run('cp', '-r', ...options, 'box:FAR/t', 'NEAR/x');
      assert.is(status, 2);
      assert.match(stderr, message);
    }
    assert.equal(await setting.near(), {});
  });
});

describe('cp --files-from', (test) => {
  test('copies what is listed below the source, directories kept', async () => {
    await using setting = await farAndNear(tree, { list: 'src/d.log\n./a.txt\n/build/out.o\n\na.txt\n' });
    const { run, near } = setting;
    assert.is((await run('cp', '--files-from', 'NEAR/list', 'box:FAR/t', 'NEAR/x')).status, 0);
    const { list, ...copied } = await near();
    assert.ok(list);
    assert.equal(copied, {
      'x/': '',
      'x/a.txt': 'A',
      'x/build/': '',
      'x/build/out.o': 'O',
      'x/src/': '',
      'x/src/d.log': 'D',
    });
  });

  test('takes names that end in NUL with -0, and directories with -r, less what is excluded', async () => {
    await using setting = await farAndNear(
      { 'odd\nname': 'X', 'd/a': 'A', 'd/b.log': 'B' },
      { list: 'odd\nname\0d\0' },
    );
    const words = ['cp', '-r0', '--exclude', '*.log', '--files-from', 'NEAR/list', 'FAR', 'box:NEAR/up/'];
    assert.equal(await setting.run(...words), { status: 0, stdout: '', stderr: '' });
    const { list, ...copied } = await setting.near();
    assert.ok(list);
    assert.equal(copied, { 'up/': '', 'up/d/': '', 'up/d/a': 'A', 'up/odd\nname': 'X' });
  });

  test('counts what is missing, a directory without -r, and what leads out of the source as failures', async () => {
    await using setting = await farAndNear(tree, { list: 'none\nsrc\n../other.txt\na.txt\n' });
    const { status, stderr } = await setting.run('cp', '--files-from', 'NEAR/list', 'box:FAR/t', 'NEAR/x');
    assert.is(status, 1);
    assert.equal(setting.told(stderr).split('\n'), [
      'codexfs: cp: box:FAR/t/none: no such file or directory',
      'codexfs: cp: box:FAR/t/src: is a directory',
      'hint: use -r',
      'codexfs: cp: box:FAR/t/../other.txt: leads out of the source',
      '',
    ]);
    assert.is((await setting.near())['x/a.txt'], 'A');
  });

  test('- reads the standard input', async () => {
    await using setting = await farAndNear(tree);
    const { server, place } = setting;
    const words = ['--remote', `box=${server.remote}`, 'cp', '--files-from', '-', `box:${place.join('far/t')}`, 'x'];
    const { exitCode, stderr } = await runCodexfs(words, { cwd: place.join('near'), stdin: 'a.txt\nb.log\n' });
    assert.equal([exitCode, stderr], [0, '']);
    assert.equal(await setting.near(), { 'x/': '', 'x/a.txt': 'A', 'x/b.log': 'B' });
  });

  test('is refused with what contradicts it', async () => {
    await using setting = await farAndNear(tree, { list: 'a.txt\n' });
    for (const words of [
      ['--files-from', 'NEAR/list', 'box:FAR/t', 'box:FAR/u', 'NEAR/x'],
      ['--files-from', 'NEAR/list', '-T', 'box:FAR/t', 'NEAR/x'],
      ['--files-from', 'NEAR/list', '--parents', 'box:FAR/t', 'NEAR/x'],
      ['--files-from', 'NEAR/none', 'box:FAR/t', 'NEAR/x'],
      ['--files-from', 'NEAR/list', '--range', '0-1', 'box:FAR/t', 'NEAR/x'],
      ['-0', 'box:FAR/other.txt', 'NEAR/x'],
    ])
      assert.is((await setting.run('cp', ...words)).status, 2, words.join(' '));
  });
});

describe('cp --range', (test) => {
  const ranges: readonly (readonly [string, string])[] = [
    ['0-0', '0'],
    ['2-4', '234'],
    ['7-', '789'],
    ['7-99', '789'],
    ['-3', '789'],
    ['-0', ''],
    ['-99', '0123456789'],
    ['10-', ''],
    ['50-60', ''],
  ];
  test(`copies these bytes and no others, ${ranges.length} ranges, up, down, and on one server`, async () => {
    await using setting = await farAndNear({ digits: '0123456789' });
    for (const [index, [range, content]] of ranges.entries()) {
      const verify = index % 2 === 0 ? ['--verify'] : [];
      for (const [from, to] of [
        ['box:FAR/digits', 'NEAR/part'],
        ['FAR/digits', 'box:NEAR/part'],
        ['box:FAR/digits', 'box:NEAR/part'],
      ] as const) {
        await writeFile(setting.place.join('near', 'part'), 'what was there before');
        const { status, stderr } = await setting.run('cp', ...verify, '--range', range, from, to);
        assert.equal([status, stderr], [0, ''], range);
        assert.is((await setting.near()).part, content, `${range} ${from} ${to}`);
      }
    }
  });

  test('of a file over chunk borders is the same bytes', async () => {
    const content = Array.from({ length: 700_000 }, (_, index) => String.fromCharCode(97 + (index % 23))).join('');
    await using setting = await farAndNear({ big: content });
    for (const [start, end] of [
      [0, 262_144],
      [262_143, 262_145],
      [100_000, 699_999],
    ] as const) {
      assert.is((await setting.run('cp', '--range', `${start}-${end - 1}`, 'box:FAR/big', 'NEAR/part')).status, 0);
      assert.ok((await setting.near()).part === content.slice(start, end), `${start}-${end}`);
    }
  });

  test('of a file onto itself is refused, and leaves it whole', async () => {
    await using setting = await farAndNear({ digits: '0123456789' });
    for (const [from, to] of [
      ['box:FAR/digits', 'box:FAR/digits'],
      ['box:FAR/digits', 'FAR/digits'],
      ['FAR/digits', 'box:FAR/digits'],
    ] as const)
      assert.is((await setting.run('cp', '--range', '2-4', from, to)).status, 4);
    assert.is((await setting.far()).digits, '0123456789');
  });

  test('is refused for anything but one file', async () => {
    await using setting = await farAndNear({ digits: '0123456789', 'd/x': '' });
    for (const words of [
      ['-r', '--range', '0-1', 'box:FAR/d', 'NEAR/x'],
      ['--range', '0-1', 'box:FAR/digits', 'box:FAR/d/x', 'NEAR/'],
      ['--range', '0-1', 'box:FAR/digits', '-'],
      ['--range', '3-1', 'box:FAR/digits', 'NEAR/x'],
      ['--range', '0-1', '--continue', 'box:FAR/digits', 'NEAR/x'],
      ['--range', '0-1', '-c', 'box:FAR/digits', 'NEAR/x'],
    ])
      assert.is((await setting.run('cp', ...words)).status, 2, words.join(' '));
    assert.equal(await setting.near(), {});
  });
});
