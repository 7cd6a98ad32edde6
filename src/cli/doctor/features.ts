// What the findings mean: which features of codexfs a server switches on, off, or makes slower, each with the reason.

import { limits } from '../../protocol/limits.js';
import { formatSize } from '../quantities.js';
import type { Findings, Tried } from './examine.js';

export interface Feature {
  readonly name: string;
  readonly state: 'on' | 'slower' | 'off';
  readonly reason: string;
}

export interface FeatureOptions {
  /** Whether `--no-exec` leaves programs on the server alone. */
  readonly isExecForbidden: boolean;
}

const streamed = 'in pieces, in the memory of a few';

export function featuresOf(findings: Findings, options: FeatureOptions): Feature[] {
  const { tried } = findings;
  const folders = [relativePaths(findings), homePaths(findings)];
  if (tried === undefined) {
    const reason = `no file could be made to try it: ${findings.scratchProblem ?? 'unknown'}`;
    return [{ name: 'uploads', state: 'off', reason }, ...folders];
  }
  return [
    uploads(findings, tried, options),
    downloads(findings),
    ...folders,
    copyWithin(tried),
    sizes(tried),
    verification(tried, options),
    permissions(tried, options),
  ];
}

function uploads({ dialects }: Findings, { tellsModes }: Tried, options: FeatureOptions): Feature {
  const name = 'uploads of any size';
  if (dialects.write !== 'buffered') return { name, state: 'on', reason: streamed };
  const bound = formatSize(limits.bufferedClientWriteBytes);
  return tellsModes
    ? { name, state: 'slower', reason: `above ${bound} through a shell on the server: it has no writing in pieces` }
    : { name, state: 'off', reason: `no file above ${bound}: it has no writing in pieces, and ${noPrograms(options)}` };
}

function downloads({ dialects }: Findings): Feature {
  const name = 'downloads of any size';
  if (dialects.read !== 'buffered') return { name, state: 'on', reason: streamed };
  const bound = formatSize(limits.bufferedClientReadBytes);
  return { name, state: 'slower', reason: `files up to ${bound} as a whole: it has no reading in pieces` };
}

function relativePaths({ workingDirectory }: Findings): Feature {
  const name = 'relative paths';
  return workingDirectory === undefined
    ? { name, state: 'off', reason: 'the server does not say what its working directory is' }
    : { name, state: 'on', reason: `from ${workingDirectory}` };
}

function homePaths({ homeDirectory }: Findings): Feature {
  const name = 'paths from ~';
  return homeDirectory === undefined
    ? { name, state: 'off', reason: 'the server does not say what its home directory is' }
    : { name, state: 'on', reason: `from ${homeDirectory}` };
}

function copyWithin({ copiesFiles }: Tried): Feature {
  const name = 'copies within the server';
  return copiesFiles
    ? { name, state: 'on', reason: 'by the server itself, to new files' }
    : { name, state: 'slower', reason: 'through this machine: the server does not copy' };
}

function sizes({ knowsSizes }: Tried): Feature {
  const name = 'sizes before a download';
  return knowsSizes
    ? { name, state: 'on', reason: 'progress knows how much there is' }
    : { name, state: 'off', reason: 'the server does not say them; progress shows no percentage' };
}

function verification({ hashes }: Tried, options: FeatureOptions): Feature {
  const name = '--verify and sums';
  return hashes
    ? { name, state: 'on', reason: 'the server computes SHA-256 itself' }
    : { name, state: 'slower', reason: `every byte is read back: ${noPrograms(options)}` };
}

function permissions({ tellsModes }: Tried, options: FeatureOptions): Feature {
  const name = 'permission bits';
  return tellsModes
    ? { name, state: 'on', reason: 'by programs on the server' }
    : { name, state: 'off', reason: `no file method tells them, and ${noPrograms(options)}` };
}

function noPrograms({ isExecForbidden }: FeatureOptions): string {
  return isExecForbidden ? '--no-exec forbids to run programs there' : 'it runs no programs for us';
}
