// The table of a run, as text.

import type { Line } from './results.js';

/** One line of text for each of `lines`, under a head. */
export function tableOf(lines: readonly Line[]): string {
  const head = ['', 'measured', 'of the rounds', 'must', 'aim', ''];
  const rows = lines.map(cellsOf);
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((cells) => (cells[column] ?? title).length)),
  );
  const text = [head, ...rows].map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return text.map((line) => line.trimEnd()).join('\n');
}

/** Whether the measured value keeps to `bound`. */
export function keeps({ row, value }: Line, bound: 'must' | 'aim'): boolean {
  return row.sense === 'at least' ? value >= row[bound] : value <= row[bound];
}

function cellsOf(line: Line): string[] {
  const { row, value, lowest, highest } = line;
  const sign = row.sense === 'at least' ? '≥' : '≤';
  const verdict = keeps(line, 'aim') ? 'aim reached' : keeps(line, 'must') ? 'reached' : 'SHORT';
  const figure = (number: number) => shown(number, row.unit);
  return [
    row.title,
    figure(value),
    `${figure(lowest)} to ${figure(highest)}`,
    `${sign} ${figure(row.must)}`,
    `${sign} ${figure(row.aim)}`,
    verdict,
  ];
}

function shown(value: number, unit: Line['row']['unit']): string {
  if (unit === 'MiB') return `${value.toFixed(0)} MiB`;
  return unit === '×' ? `${value.toFixed(2)}×` : `${value.toFixed(2)} ${unit}`;
}
