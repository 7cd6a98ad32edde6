// What is shown of a transfer under way: the figures, the line in every width, the bar on a terminal, lines in a log.

import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { BarProgress } from '../../src/cli/progress/BarProgress.js';
import { JsonProgress } from '../../src/cli/progress/JsonProgress.js';
import { PlainProgress } from '../../src/cli/progress/PlainProgress.js';
import { plainProgressLine, progressLine } from '../../src/cli/progress/progressLine.js';
import { RunMeter } from '../../src/cli/progress/RunMeter.js';
import { TransferMeter } from '../../src/cli/progress/TransferMeter.js';
import { columnsOf, fitColumns } from '../../src/cli/textWidth.js';
import { describe } from '../helpers/describe.js';
import { linesIn } from '../helpers/recordsIn.js';

const MiB = 1024 ** 2;
const noPaint = (_style: string, text: string) => text;

/** A transfer of 310 MiB that has run for `seconds` seconds at `perSecond` bytes a second. */
function running(seconds: number, perSecond: number, name = 'part-0007.bin'): TransferMeter {
  const meter = new TransferMeter(name, 0);
  meter.totalBytes = 310 * MiB;
  for (let second = 1; second <= seconds; second++) meter.advance(perSecond, second * 1_000);
  return meter;
}

describe('TransferMeter', (test) => {
  test('has a percentage that never falls, and is 100 only at the end', () => {
    const meter = new TransferMeter('a', 0);
    assert.is(meter.percent, undefined);
    meter.totalBytes = 1_000;
    meter.advance(999, 1);
    assert.is(meter.percent, 99);
    meter.totalBytes = 2_000;
    assert.is(meter.percent, 99);
    meter.advance(1_500, 2);
    assert.is(meter.percent, 100);
  });

  test('is complete when there is nothing to copy', () => {
    const meter = new TransferMeter('empty', 0);
    meter.totalBytes = 0;
    assert.is(meter.percent, 100);
  });

  test('takes the rate from the last seconds only', () => {
    const meter = running(20, 1 * MiB);
    for (let second = 21; second <= 27; second++) meter.advance(4 * MiB, second * 1_000);
    assert.is(Math.round(meter.rate(27_000) / MiB), 4);
    assert.is(Math.round(meter.remainingMs(27_000) ?? 0), ((310 - 48) / 4) * 1_000);
  });

  test('is stalled after five seconds without a byte, and not before', () => {
    const meter = running(3, MiB);
    assert.equal([meter.stalledMs(7_999), meter.stalledMs(8_000)], [undefined, 5_000]);
    meter.advance(1, 9_000);
    assert.is(meter.stalledMs(9_000), undefined);
  });

  test('says nothing of the rest while nobody can know it', () => {
    const meter = new TransferMeter('pipe', 0);
    meter.advance(MiB, 1_000);
    assert.is(meter.remainingMs(1_000), undefined);
  });
});

describe('the line on a terminal', (test) => {
  const lines: readonly (readonly [number, string])[] = [
    [100, 'part-0007.bin  [==============                        ]   38%  118 of 310 MiB  2.00 MiB/s  ETA 1m36s'],
    [80, 'part-0007.bin  [======            ]   38%  118 of 310 MiB  2.00 MiB/s  ETA 1m36s'],
    [60, 'part-0007.bin   38%  118 of 310 MiB  2.00 MiB/s  ETA 1m36s'],
    [40, 'part-0007.…   38%  2.00 MiB/s  ETA 1m36s'],
    [30, 'part-0007.bin   38%  ETA 1m36s'],
    [20, 'part-0007.bin   38%'],
    [10, 'par…   38%'],
    [4, '38%'],
  ];
  for (const [columns, line] of lines) {
    test(`in ${columns} columns is ${JSON.stringify(line)}`, () => {
      assert.is(progressLine(running(59, 2 * MiB), 59_000, columns, noPaint), line);
    });
  }

  test('says for how long nothing has come', () => {
    assert.is(
      progressLine(running(59, 2 * MiB), 66_400, 62, noPaint),
      'part-0007.bin  [====       ]   38%  118 of 310 MiB  stalled 7s',
    );
  });

  test('has neither bar nor percentage where the size is not known', () => {
    const meter = new TransferMeter('standard input', 0);
    meter.advance(3 * MiB, 1_000);
    assert.is(progressLine(meter, 1_000, 80, noPaint), 'standard input  3.00 MiB  3.00 MiB/s');
  });

  test('never is wider than it may be, whatever the name and the width', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '日', '👍', 'é', '\x1b', '\n', '\u0301') });
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 220 }), fc.integer({ min: 0, max: 80 }), (text, columns, seconds) => {
        const line = progressLine(running(seconds, 5 * MiB, text), 90_000, columns, noPaint);
        assert.ok(columnsOf(line) <= columns, `${columnsOf(line)} columns of ${columns}: ${JSON.stringify(line)}`);
      }),
    );
  });
});

describe('the width of text', (test) => {
  test('counts wide characters twice and combining ones not at all', () => {
    assert.equal(['abc', '日本', 'e\u0301', '👍', '…'].map(columnsOf), [3, 4, 1, 2, 1]);
  });
  test('is kept by cutting', () => {
    assert.equal(
      [fitColumns('日本語', 5), fitColumns('日本語', 6), fitColumns('ab', 0), fitColumns('abc', 1)],
      ['日本…', '日本語', '', '…'],
    );
  });
});

/** A stream that claims to be a terminal and keeps what is written to it. */
class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns = 80;
  written = '';

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.written += piece.toString('utf8');
    done();
  }
}

describe('BarProgress', (test) => {
  test('draws one line over itself and leaves none behind', async () => {
    const terminal = new FakeTerminal();
    const progress = new BarProgress(terminal, noPaint);
    const file = progress.begin('model.bin', undefined);
    file.start(4 * MiB, 0);
    file.advance(1 * MiB);
    await new Promise((resolve) => setTimeout(resolve, 250));
    progress.end();
    const { written } = terminal;
    assert.match(written, /model\.bin {2}\[=* *\] {3}25% {2}1\.00 of 4\.00 MiB/);
    assert.not.match(written, /\n/);
    assert.ok(written.endsWith('\r\x1b[K') || written.endsWith('\x1b[1G\r\x1b[K'), JSON.stringify(written.slice(-20)));
  });

  test('changes no mode of the terminal', () => {
    const terminal = new FakeTerminal();
    const progress = new BarProgress(terminal, noPaint);
    progress.begin('a', undefined);
    progress.end();
    progress.end();
    assert.not.match(terminal.written, /\x1b\[\?|\x1b7|\x1b8/);
  });

  test('fits a terminal that became narrow, and clears what was broken into two lines', () => {
    const terminal = new FakeTerminal();
    const progress = new BarProgress(terminal, noPaint);
    progress.begin('a-rather-long-name-of-a-file.bin', undefined).start(1, 0);
    const before = terminal.written.length;
    terminal.columns = 40;
    terminal.emit('resize');
    progress.end();
    const after = terminal.written.slice(before);
    assert.match(after, /^\x1b\[1A\x1b\[1G\x1b\[J/);
    for (const line of stripVTControlCharacters(after).split('\r')) assert.ok(columnsOf(line) < 40);
  });

  test('draws below what a shell wrote while it was stopped, and above nothing', () => {
    const terminal = new FakeTerminal();
    const progress = new BarProgress(terminal, noPaint);
    progress.expectFiles(2, true);
    progress.begin('a', undefined).start(1, 0);
    process.emit('SIGCONT');
    const before = terminal.written.length;
    progress.end();
    assert.not.match(terminal.written.slice(before), /\x1b\[\d*A/);
    assert.is(process.listenerCount('SIGCONT'), 0);
  });

  test('holds no listener when it is over', () => {
    const terminal = new FakeTerminal();
    const progress = new BarProgress(terminal, noPaint);
    for (let round = 0; round < 20; round++) progress.begin('a', undefined).end();
    progress.end();
    assert.is(terminal.listenerCount('resize'), 0);
  });
});

describe('PlainProgress', (test) => {
  test('writes a line for each tick while a file is under way, and none otherwise', () => {
    const lines: string[] = [];
    let now = 0;
    const progress = new PlainProgress(
      (line) => lines.push(line),
      () => now,
    );
    progress.tick();
    const file = progress.begin('a\nb', undefined);
    file.start(310 * MiB, 0);
    assert.is(progress.hasShown, false);
    now = 30_000;
    file.advance(118 * MiB);
    progress.tick();
    file.end();
    progress.tick();
    assert.equal(lines, ['a\\nb: 38%, 118 of 310 MiB, 3.93 MiB/s, ETA 49s']);
    assert.is(progress.hasShown, true);
  });

  test('cuts nothing and says what is stalled', () => {
    assert.is(
      plainProgressLine(running(1, MiB, 'x'.repeat(99)), 8_000),
      `${'x'.repeat(99)}: 0%, 1.00 of 310 MiB, stalled 7s`,
    );
  });
});

/** A run whose clock is moved by hand. */
function meterOf(...sizes: (number | undefined)[]) {
  const clock = { now: 0 };
  const meter = new RunMeter(() => clock.now);
  meter.expectFiles(sizes.length, true);
  for (const size of sizes) meter.found(size);
  return { meter, clock };
}

const lineOf = (meter: RunMeter, now = 0) => plainProgressLine(meter, now);

describe('RunMeter', (test) => {
  test('takes the percentage from bytes where all sizes are known', () => {
    const { meter } = meterOf(90 * MiB, 5 * MiB, 5 * MiB);
    for (let index = 0; index < 2; index++) {
      const file = meter.begin('small', 5 * MiB);
      file.start(5 * MiB, 0);
      file.advance(5 * MiB);
      file.end();
    }
    assert.equal([meter.percent, meter.bytes, meter.totalBytes], [10, 10 * MiB, 100 * MiB]);
    assert.is(lineOf(meter), '2 of 3 files: 10%, 10.0 of 100 MiB, 0 B/s');
  });

  test('takes it from files where a size is missing, and names no total', () => {
    const { meter } = meterOf(undefined, undefined);
    const file = meter.begin('a', undefined);
    file.start(10, 0);
    file.advance(5);
    assert.equal([meter.percent, meter.totalBytes], [25, undefined]);
  });

  test('has a total that is a lower bound, and no percentage, while files are still being found', () => {
    const { meter } = meterOf(3 * MiB);
    meter.expectFiles(1, false);
    meter.begin('a', 3 * MiB).start(3 * MiB, 0);
    assert.is(meter.percent, undefined);
    assert.is(meter.remainingMs(9_000), undefined);
    assert.is(lineOf(meter), '0 of 1+ file: 0 of 3.00+ MiB, 0 B/s');
  });

  test('leaves out what was in place before, what is left alone and what fails', () => {
    const { meter } = meterOf(100, 100, 100, 100);
    meter.begin('kept', 100).end();
    const failing = meter.begin('failing', 100);
    failing.start(100, 0);
    failing.advance(30);
    failing.end();
    meter.begin('continued', 100).start(100, 60);
    // 30 of the one that failed, 40 of the rest of the one that is continued, and one that has not begun.
    assert.equal([meter.totalBytes, meter.bytes], [170, 30]);
  });

  test('counts again what has to move again, and its percentage does not fall', () => {
    const { meter, clock } = meterOf(100);
    const file = meter.begin('a', 100);
    file.start(100, 0);
    clock.now = 1_000;
    file.advance(80);
    assert.equal([meter.percent, meter.bytes], [80, 80]);
    file.start(100, 0);
    assert.equal([meter.percent, meter.bytes, meter.totalBytes], [80, 0, 100]);
    assert.ok(meter.rate(2_000) >= 0);
    file.start(100, 50);
    assert.equal([meter.bytes, meter.totalBytes], [50, 100]);
    file.advance(50);
    file.end();
    file.end();
    assert.equal([meter.percent, meter.bytes, meter.doneCount], [100, 100, 1]);
  });

  test('never says 100% before the last file is over', () => {
    const { meter } = meterOf(1_000, 0);
    const file = meter.begin('a', 1_000);
    file.start(1_000, 0);
    file.advance(1_000);
    file.end();
    assert.is(meter.percent, 99);
    meter.begin('empty', 0).end();
    assert.is(meter.percent, 100);
  });

  test('has a percentage that never falls, whatever happens', () => {
    const events = fc.array(fc.tuple(fc.nat(5), fc.constantFrom('start', 'advance', 'end'), fc.nat(200)));
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(300), { nil: undefined }), { maxLength: 6 }), events, (sizes, steps) => {
        const { meter } = meterOf(...sizes);
        const files = sizes.map((size, index) => meter.begin(String(index), size));
        let last = 0;
        for (const [index, step, amount] of steps) {
          const file = files[index];
          if (step === 'start') file?.start(amount, amount % 7);
          else if (step === 'advance') file?.advance(amount);
          else file?.end();
          const percent = meter.percent ?? 0;
          assert.ok(percent >= last && percent <= 100, `${last}% to ${percent}%`);
          last = percent;
        }
      }),
    );
  });
});

describe('JsonProgress', (test) => {
  test('writes records that fit their schema, the last one at the end', async () => {
    const lines: string[] = [];
    const progress = new JsonProgress(
      (line) => lines.push(line),
      () => 1_000,
    );
    progress.expectFiles(2, true);
    progress.found(10);
    progress.found(undefined);
    const file = progress.begin('a\u202e', 10);
    file.start(10, 0);
    file.advance(4);
    progress.tick();
    file.end();
    progress.end();
    progress.end();
    const [first, last, ...more] = await linesIn(lines.join(''));
    assert.equal(first?.files, [{ name: 'a\u202e', bytes: 4, totalBytes: 10, stalledMs: null }]);
    assert.equal([first?.doneCount, last?.doneCount, last?.files, more], [0, 1, [], []]);
  });
});
