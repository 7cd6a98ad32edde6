// The options of cp about existing destinations, checks, attributes and speed: what each is called, and which go together.

import { type Command, Option } from 'commander';
import { UsageError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import type { Attribute } from '../../transfer/attributes.js';
import type { CopyOptions } from '../../transfer/copyFile.js';
import type { PlaceRule } from '../../transfer/placeFile.js';
import { RateLimit } from '../../transfer/RateLimit.js';
import { parseSize } from '../quantities.js';
import { valuesBehindEquals } from '../valuesBehindEquals.js';
import type { CpOperands } from './cpOperands.js';

export interface CpPolicyOptions {
  /** False, by -n. */
  readonly clobber?: boolean;
  readonly update?: boolean;
  readonly interactive?: boolean;
  readonly backup?: boolean;
  readonly backupValue?: string;
  readonly checksum?: boolean;
  readonly verify?: boolean;
  readonly continue?: boolean;
  readonly atomic?: boolean;
  readonly preserve?: boolean;
  readonly preserveValue?: string;
  readonly archive?: boolean;
  /** Bytes per second. */
  readonly bwlimit?: number;
  /** Bytes. */
  readonly window?: number;
  readonly chunk?: number;
}

export interface CpPolicies {
  readonly rule: PlaceRule;
  /** For every copy of the run; the limit on the rate is shared by all of them. */
  readonly copy: Pick<CopyOptions, 'isVerified' | 'isContinued' | 'chunkBytes' | 'rateLimit' | 'range'>;
  /** Bytes in flight at most, of all copies together. */
  readonly windowBytes: number | undefined;
}

const KiB = 1024;
const defaultSuffix = '~';
const attributes: readonly Attribute[] = ['mode', 'times'];

/** Declares them on `command`. Of -n and -i the last one counts. */
export function addPolicyOptions(command: Command): Command {
  command
    .option('-n, --no-clobber', 'leave existing destinations alone')
    .option('-u, --update', 'copy only what is newer than the destination, or missing there')
    .option('-i, --interactive', 'ask before a destination is overwritten')
    .option('-b, --backup', 'copy a destination to NAME~ before it is overwritten; --backup=SUFFIX for another name')
    .option('-c, --checksum', 'leave destinations alone that have the same content')
    .option('--continue', 'complete destinations that are a beginning of their source')
    .option('-a, --archive', 'the same as -r -p');
  addTransferOptions(command);
  valuesBehindEquals(command, ['--backup', '--preserve']);
  command.on('option:archive', () => command.setOptionValue('recursive', true));
  command.on('option:no-clobber', () => command.setOptionValue('interactive', undefined));
  command.on('option:interactive', () => command.setOptionValue('clobber', true));
  return command;
}

/** Those of them that say how files are copied, whatever makes them be copied. */
export function addTransferOptions(command: Command): Command {
  return command
    .option('--verify', 'read every destination back and compare its SHA-256 with the source’s')
    .option('--atomic', 'write a local destination beside it and rename it when it is complete')
    .option('-p, --preserve', 'keep mode and times, where both ends know them; --preserve=times for one of them')
    .addOption(size('--bwlimit <RATE>', 'go no faster than so many bytes per second, all files together: 512K, 10M', 1))
    .addOption(size('--window <SIZE>', 'keep at most so much in flight', 64 * KiB, 1024 * KiB * KiB))
    .addOption(size('--chunk <SIZE>', 'ask for at most so much at once', KiB, limits.maxChunkBytes));
}

/** @throws {UsageError} for values that mean nothing, and for what contradicts each other or the operands */
export function parsePolicies(options: CpPolicyOptions, operands: CpOperands): CpPolicies {
  refuseContradictions(options);
  refuseForOperands(options, operands);
  const { update, checksum, atomic, verify, bwlimit } = options;
  return {
    rule: {
      overwrite: options.clobber === false ? 'keep' : options.interactive ? 'ask' : 'always',
      isUpdate: update,
      isChecksum: checksum,
      isAtomic: atomic,
      backupSuffix: backupSuffixOf(options),
      preserve: preservedBy(options),
    },
    copy: {
      isVerified: verify,
      isContinued: options.continue,
      chunkBytes: options.chunk,
      range: operands.range,
      rateLimit: bwlimit === undefined ? undefined : new RateLimit(bwlimit),
    },
    windowBytes: options.window,
  };
}

/** Whether a copy that is interrupted can be gone on with: what is complete then, or on this host a beginning, is not written again. */
export function canBeContinued(
  options: CpPolicyOptions,
  { sources, destination, range, isRecursive }: CpOperands,
): boolean {
  const hasStream = [...sources, destination].some(({ kind }) => kind === 'stream');
  // A file alone would be sent again from its start.
  const isWorthIt = destination.kind === 'local' || isRecursive || sources.length > 1;
  return isWorthIt && !hasStream && range === undefined && contradictionsOfContinue(options).length === 0;
}

function contradictionsOfContinue(options: CpPolicyOptions): string[] {
  const { clobber, update, interactive, atomic } = options;
  return namesOf({
    '-n': clobber === false,
    '-u': update,
    '-i': interactive,
    '-b': backupSuffixOf(options) !== undefined,
    '--atomic': atomic,
  });
}

function refuseContradictions(options: CpPolicyOptions): void {
  const [contradiction] = contradictionsOfContinue(options);
  if (options.continue && contradiction !== undefined) {
    throw new UsageError(`--continue and ${contradiction} contradict each other`, {
      hint: '--continue is about destinations that an earlier copy left incomplete, and replaces what is none',
    });
  }
  if (options.clobber === false && backupSuffixOf(options) !== undefined) {
    throw new UsageError('-b and -n contradict each other', { hint: '-n leaves nothing to be backed up' });
  }
}

function refuseForOperands(options: CpPolicyOptions, { sources, destination, range }: CpOperands): void {
  const [ofWhole] = namesOf({ '--continue': options.continue, '-c': options.checksum });
  if (range !== undefined && ofWhole !== undefined) {
    throw new UsageError(`${ofWhole} is about whole files, and --range about a part of one`);
  }
  if (options.atomic && destination.kind !== 'local') {
    throw new UsageError('--atomic is for local destinations: servers have no way to rename a file', {
      hint: '--verify shows that a file on a server is complete',
    });
  }
  const [ofFiles] = namesOf({ ...ofBothEnds(options), '-n': options.clobber === false, '-i': options.interactive });
  if (ofFiles !== undefined && sources.some(({ kind }) => kind === 'stream')) {
    throw new UsageError(`${ofFiles} has no meaning for the standard input`);
  }
  const [ofDestination] = [...namesOf({ '--verify': options.verify }), ...(ofFiles === undefined ? [] : [ofFiles])];
  if (ofDestination !== undefined && destination.kind === 'stream') {
    throw new UsageError(`${ofDestination} has no meaning for the standard output`);
  }
}

/** Options that need a file with a length and a time at each end. */
function ofBothEnds(options: CpPolicyOptions): Readonly<Record<string, boolean | undefined>> {
  const { update, checksum, atomic } = options;
  return {
    '-u': update,
    '-b': backupSuffixOf(options) !== undefined,
    '-c': checksum,
    '-p': preservedBy(options).length > 0,
    '--continue': options.continue,
    '--atomic': atomic,
  };
}

function namesOf(given: Readonly<Record<string, boolean | undefined>>): string[] {
  return Object.keys(given).filter((name) => given[name]);
}

function backupSuffixOf({ backup, backupValue }: CpPolicyOptions): string | undefined {
  if (backupValue === undefined) return backup ? defaultSuffix : undefined;
  if (backupValue !== '' && !/[/\\\0]/.test(backupValue)) return backupValue;
  throw new UsageError(`--backup: \`${backupValue}\` cannot be the end of a name`);
}

function preservedBy({ preserve, preserveValue, archive }: CpPolicyOptions): readonly Attribute[] {
  if (preserveValue === undefined) return preserve || archive ? attributes : [];
  return preserveValue.split(',').map((word) => {
    const attribute = attributes.find((candidate) => candidate === word);
    if (attribute !== undefined) return attribute;
    throw new UsageError(`--preserve: \`${word}\` is not one of ${attributes.join(', ')}`);
  });
}

function size(flags: string, description: string, least: number, most?: number): Option {
  const [name = ''] = flags.split(' ');
  return new Option(flags, description).argParser((text: string) => parseSize(text, name, { least, most }));
}
