// The chart for the README: bars of speed or time, codexfs beside its peers, as SVG that reads on light and dark pages.

import { medianSample, type Result } from './results.js';
import type { Task } from './tasks.js';

const MiB = 1024 * 1024;
const width = 720;
const labelWidth = 250;
const barHeight = 16;
const barGap = 4;
const groupGap = 26;
const maxBarWidth = 330;

interface Bar {
  readonly name: string;
  readonly text: string;
  /** Of the longest bar of its group. */
  readonly share: number;
}

/** An SVG document. */
export function chartOf(results: readonly { readonly task: Task; readonly result: Result }[]): string {
  const parts: string[] = [];
  let y = 8;
  for (const { task, result } of results.filter(({ task: { name } }) => !/^(start|large)/.test(name))) {
    y += groupGap;
    parts.push(
      `<text x="0" y="${y - 8}" class="title">${task.title}${task.bytes === undefined ? ' (seconds)' : ' (MiB/s)'}</text>`,
    );
    for (const { name, text, share } of barsOf(task, result)) {
      const barWidth = Math.max(1, share * maxBarWidth).toFixed(1);
      const kind = name.startsWith('codexfs') ? 'own' : 'peer';
      parts.push(`<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${name}</text>`);
      parts.push(`<rect x="${labelWidth}" y="${y}" width="${barWidth}" height="${barHeight}" class="${kind}"/>`);
      parts.push(`<text x="${labelWidth + Number(barWidth) + 6}" y="${y + 12}">${text}</text>`);
      y += barHeight + barGap;
    }
  }
  const style = `text{font:12px sans-serif;fill:#57606a}.title{font-weight:bold}.own{fill:#1f6feb}.peer{fill:#8c959f}`;
  const label = 'Speeds and times of codexfs beside scp and rsync';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 8}" viewBox="0 0 ${width} ${y + 8}" role="img" aria-label="${label}">
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

const shownNames: Readonly<Record<string, string>> = {
  codexfs: 'codexfs',
  serve: 'codexfs, from codexfs serve',
  rsync: 'rsync -a',
  strict: 'one request at a time',
};

function barsOf(task: Task, result: Result): Bar[] {
  const figures = Object.entries(result.samples).flatMap(([name, samples]) => {
    const seconds = medianSample(samples)?.seconds;
    if (seconds === undefined) return [];
    const value = task.bytes === undefined ? seconds : task.bytes / MiB / seconds;
    return [{ name: shownNames[name] ?? name, value }];
  });
  const longest = Math.max(...figures.map(({ value }) => value));
  const digits = task.bytes === undefined ? 2 : 0;
  return figures.map(({ name, value }) => ({ name, text: value.toFixed(digits), share: value / longest }));
}
