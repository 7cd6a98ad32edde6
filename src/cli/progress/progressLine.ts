// A transfer in one line, fitted to the width of the terminal: what matters least goes first when there is no room.

import type { Paint } from '../Output.js';
import { formatRate, formatSeconds, formatShare, formatSize } from '../quantities.js';
import { show } from '../show.js';
import { columnsOf, fitColumns } from '../textWidth.js';
import type { Meter } from './TransferMeter.js';

const gap = '  ';
/** Columns that a name keeps before anything but the bar gives way to it. */
const minNameColumns = 10;
const maxNameColumns = 40;
const minBarColumns = 10;
const maxBarColumns = 40;

/** The line for a terminal: at most `columns` wide, colours not counted. */
export function progressLine(meter: Meter, now: number, columns: number, paint: Paint): string {
  const percent = meter.percent === undefined ? undefined : `${meter.percent}%`.padStart(4);
  const amount = amountOf(meter);
  const rate = rateOf(meter, now)?.padStart(10);
  const pace = paceOf(meter, now);
  const figures = firstThatFits(columns - minNameColumns, [
    [percent, amount, rate, pace],
    [percent, rate, pace],
    [percent ?? amount, pace],
    [percent ?? amount],
  ]);
  const name = fitColumns(show(meter.name), Math.min(maxNameColumns, columns - figures.length - gap.length));
  const bar = barOf(meter, columns - columnsOf(name) - figures.length - 2 * gap.length, paint);
  const told = meter.stalledMs(now) === undefined ? figures : paint('yellow', figures);
  const parts = [name, bar, told].filter((part) => part !== '');
  return columnsOf(name) === 0 ? fitColumns(figures.trim(), columns) : parts.join(gap);
}

/** The line for where lines stay: no bar, and nothing is cut. */
export function plainProgressLine(meter: Meter, now: number): string {
  const percent = meter.percent === undefined ? undefined : `${meter.percent}%`;
  const parts = [percent, amountOf(meter), rateOf(meter, now), paceOf(meter, now)];
  return `${show(meter.name)}: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

/** The first of `choices` that fits `columns`; the last one if none does. */
function firstThatFits(columns: number, choices: readonly (readonly (string | undefined)[])[]): string {
  const lines = choices.map((parts) => parts.filter((part) => part !== undefined).join(gap));
  return lines.find((line) => line.length + gap.length <= columns) ?? lines.at(-1) ?? '';
}

/** Empty where the whole is not known, or there is no room for a bar that says anything. */
function barOf({ percent }: Meter, columns: number, paint: Paint): string {
  const inner = Math.min(maxBarColumns, columns) - 2;
  if (percent === undefined || inner < minBarColumns) return '';
  const done = Math.floor((inner * percent) / 100);
  return `[${paint('green', '='.repeat(done))}${' '.repeat(inner - done)}]`;
}

function amountOf({ bytes, totalBytes, isTotalFinal }: Meter): string {
  return totalBytes === undefined ? formatSize(bytes) : formatShare(bytes, totalBytes, { isLeast: !isTotalFinal });
}

/** Undefined while nothing comes: how fast it was does not matter then. */
function rateOf(meter: Meter, now: number): string | undefined {
  return meter.stalledMs(now) === undefined ? formatRate(meter.rate(now), 1_000) : undefined;
}

/** How it goes on: when it will be done, or for how long nothing has come. */
function paceOf(meter: Meter, now: number): string | undefined {
  const stalledMs = meter.stalledMs(now);
  if (stalledMs !== undefined) return `stalled ${formatSeconds(stalledMs)}`;
  const remainingMs = meter.remainingMs(now);
  return remainingMs === undefined ? undefined : `ETA ${formatSeconds(remainingMs)}`;
}
