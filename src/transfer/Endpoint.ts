// One end of a copy, and what is said of a file that a copy left incomplete.

import { CodexfsError } from '../errors.js';
import type { FileSystem } from '../fs/FileSystem.js';

/** A path on a file system, and how people are told of it: "devbox:/w/a", "./a". */
export interface Endpoint {
  readonly fileSystem: FileSystem;
  readonly path: string;
  readonly shown: string;
  /** Equal for two endpoints exactly when they are reached through one server (or are both this host). */
  readonly host: string;
  /** Whether nothing was there when it was looked at as a destination. */
  readonly isFree?: boolean;
}

/** Where something is, without the names that people have for it. */
export type Place = Pick<Endpoint, 'fileSystem' | 'path'>;

/**
 * A destination that a failed or stopped copy had opened.
 * `partial`: it holds exactly the first `bytes` bytes of the source, as they were read. `unknown`: something was sent, if only
 * the opening, and its answer was lost or what was written has a gap, so it holds up to `bytes` of whatever kind, or what it
 * held before. `intact`: nothing was sent that could have changed it.
 */
export interface PartialFile {
  readonly shown: string;
  readonly state: 'partial' | 'unknown' | 'intact';
  readonly bytes: number;
  /** Bytes of the source, where they are known. */
  readonly totalBytes: number | undefined;
}

export interface TransferFacts {
  readonly from: string;
  readonly to: string;
  readonly side: 'source' | 'destination';
  readonly partial: PartialFile | undefined;
  readonly cause: CodexfsError;
  /** How many attempts were made; 1 unless given. */
  readonly attempts?: number | undefined;
}

/** A copy that did not end well. Its code and hint are those of what stopped it; `side` says whose fault that was. */
export class TransferError extends CodexfsError {
  readonly from: string;
  readonly to: string;
  readonly side: 'source' | 'destination';
  readonly partial: PartialFile | undefined;
  readonly attempts: number;
  readonly #facts: TransferFacts;

  constructor(facts: TransferFacts) {
    const { cause, attempts = 1 } = facts;
    super(cause.code, attempts === 1 ? cause.message : `${cause.message} (attempt ${attempts})`, {
      cause,
      hint: cause.hint,
    });
    this.#facts = facts;
    this.attempts = attempts;
    this.from = facts.from;
    this.to = facts.to;
    this.side = facts.side;
    this.partial = facts.partial;
  }

  /** The same failure with other facts. */
  with(facts: Partial<TransferFacts>): TransferError {
    return new TransferError({ ...this.#facts, ...facts });
  }

  /** The end that the message is about, as people are told of it. */
  get about(): string {
    return this.side === 'source' ? this.from : this.to;
  }
}

/** Milliseconds to the host of `endpoint` and back, at best; 0 for this one. */
export function roundTripOf({ fileSystem }: Pick<Endpoint, 'fileSystem'>): number {
  return fileSystem.roundTripMs ?? 0;
}

/** Milliseconds to the farthest of `endpoints` and back, as far as that is a reason to work on more files at a time: 0 where it is none. */
export function distanceOf(...endpoints: readonly Pick<Endpoint, 'fileSystem'>[]): number {
  if (endpoints.some(({ fileSystem }) => fileSystem.areHandlesHeavy)) return 0;
  return Math.max(...endpoints.map(roundTripOf));
}
