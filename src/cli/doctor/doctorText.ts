// What doctor found, as text: a line for each fact, then one for each feature.

import { formatDuration, formatRate, formatSize } from '../quantities.js';
import { show } from '../show.js';
import type { Findings } from './examine.js';
import type { Feature } from './features.js';
import type { HandlesFound, Speed } from './measure.js';

export interface Diagnosis {
  readonly remote: {
    readonly name: string;
    readonly address: string;
    readonly origin: string;
    readonly hasToken: boolean;
  };
  readonly findings: Findings;
  readonly features: readonly Feature[];
}

export function doctorLines({ remote, findings, features }: Diagnosis): string[] {
  const { kind, version, platform, dialects, latencyMs, tried } = findings;
  const facts: [string, string][] = [
    ['reached', `${remote.address}${remote.hasToken ? ', with a token' : ''}`],
    ['defined', remote.origin],
    [
      'server',
      [`${kind}${version === undefined ? ' of unknown version' : ` ${version}`}`, platform].filter(Boolean).join(', '),
    ],
    ['dialects', `reads ${dialects.read}, writes ${dialects.write}`],
    ['latency', `${latencyMs.toFixed(1)} ms`],
  ];
  if (tried !== undefined) {
    if (tried.handles !== undefined) facts.push(...handleFacts(tried.handles));
    facts.push(['upload', speedText(tried.upload)], ['download', speedText(tried.download)]);
  }
  return [...columns(facts), '', ...featureLines(features)];
}

function handleFacts({ count, isLimit, readChunkBytes }: HandlesFound): [string, string][] {
  const openFiles: [string, string] = ['open files', `${isLimit ? '' : 'more than '}${count} at a time`];
  return readChunkBytes === undefined
    ? [openFiles]
    : [['reads', `up to ${formatSize(readChunkBytes)} each`], openFiles];
}

function speedText({ bytes, ms }: Speed): string {
  return `${formatRate(bytes, ms)} (${formatSize(bytes)} in ${formatDuration(ms)})`;
}

function featureLines(features: readonly Feature[]): string[] {
  const width = Math.max(...features.map(({ name }) => name.length));
  return features.map(({ name, state, reason }) => {
    return show(`${state.padEnd('slower'.length)}  ${name.padEnd(width)}  ${reason}`);
  });
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${show(text)}`);
}
