// What must hold of codexfs against any misbehaving server.

import type { Behaviour } from './behaviours/Behaviour.js';
import type { Observation } from './observe.js';

const MiB = 1024 * 1024;
const maxGrowthMiB = 64;
const commands = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;

/** MiB that it needed more than an honest copy does. */
export function growthMiB(observed: Observation, honest: Observation): number {
  return Math.round((observed.peakBytes - honest.peakBytes) / MiB);
}

/** What is wrong with that end, in words; undefined if nothing is. Time is for those who have a machine of their own. */
export function problemOf({ statuses }: Behaviour, observed: Observation, honest: Observation): string | undefined {
  const { status, stdout, stderr } = observed;
  const growth = growthMiB(observed, honest);
  if (!statuses.includes(status ?? -1)) return `ended with ${status} and not ${statuses}: ${stderr.slice(0, 2_000)}`;
  if (/^ {4}at /m.test(stderr)) return `printed a stack: ${stderr.slice(0, 2_000)}`;
  if (commands.test(stderr.replaceAll('\n', ''))) return `printed a command: ${JSON.stringify(stderr.slice(0, 2_000))}`;
  if (stdout.length >= 64 * 1024) return `printed ${stdout.length} characters`;
  return growth <= maxGrowthMiB ? undefined : `had ${growth} MiB more than an honest copy`;
}
