// One file of a copy with everything around its bytes: what becomes of a destination that exists, its backup, the step in which
// the new one appears, and the attributes that it keeps.

import { hasCode } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import { AtomicPlace, temporaryMode } from './AtomicPlace.js';
import type { Attribute } from './attributes.js';
import { backUp } from './backUp.js';
import type { CopyOptions, CopyResult } from './copyFile.js';
import { maxWholeBytes } from './copySmallFile.js';
import type { Endpoint, TransferError } from './Endpoint.js';
import { actionFor, afterComparing, type ExistingRule, looksAtExisting } from './existing.js';
import type { LaterAttributes } from './LaterAttributes.js';
import { onSide } from './onSide.js';
import { preserve } from './preserve.js';
import { haveSameContent } from './sameContent.js';
import { seenFile } from './seenFile.js';
import { withSmallContents } from './smallContent.js';
import { statIfThere } from './statIfThere.js';

export interface PlaceRule extends ExistingRule {
  /** What a backup of a replaced destination is called behind its name; none is made without. */
  readonly backupSuffix?: string | undefined;
  /** Whether the destination appears in one step, complete. For file systems that can rename. */
  readonly isAtomic?: boolean | undefined;
  readonly preserve?: readonly Attribute[] | undefined;
}

/** What both ends were found to be just now. */
export interface LookedAt {
  readonly source: FileInfo;
  /** Undefined where nothing is. */
  readonly existing: FileInfo | undefined;
}

/** What the placing of a file makes of its copy. */
export type PlacedOptions = Pick<CopyOptions, 'createMode' | 'seen' | 'isDestinationNew'>;

export interface PlaceSteps {
  /** Limits, the signal, and what is known already, for what is read before the copy. */
  readonly options: CopyOptions;
  /** Where both ends were looked at already. */
  readonly lookedAt?: LookedAt | undefined;
  /** Copies the bytes to `written`, with `more` options. */
  copy(from: Endpoint, written: Endpoint, more: PlacedOptions): Promise<CopyResult>;
  /** Takes what of the attributes takes a program on a server. Without it that is not kept. */
  readonly later?: LaterAttributes | undefined;
  /** Whether `to` may be overwritten; asked where the rule says so. */
  ask?(to: Endpoint): Promise<boolean>;
}

export type Placed =
  | { readonly type: 'skipped' }
  | { readonly type: 'copied'; readonly bytes: number; readonly unkept: readonly Attribute[] };

/**
 * Copies the file `from` to `to` by `rule`. A plain copy costs no request more than its bytes do.
 * @throws {TransferError}
 */
export function placeFile(from: Endpoint, to: Endpoint, rule: PlaceRule, steps: PlaceSteps): Promise<Placed> {
  return new Placing(from, to, rule, steps).run();
}

class Placing {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #rule: PlaceRule;
  readonly #steps: PlaceSteps;

  constructor(from: Endpoint, to: Endpoint, rule: PlaceRule, steps: PlaceSteps) {
    this.#from = from;
    this.#to = to;
    this.#rule = rule;
    this.#steps = steps;
  }

  async run(): Promise<Placed> {
    if (!needsFacts(this.#rule)) return { type: 'copied', unkept: [], ...(await this.#copy({})) };
    const { signal, windowBytes, whenThereIsRoom, seen, isDestinationNew } = this.#steps.options;
    const { source, existing } = this.#steps.lookedAt ?? (await this.#look());
    if (!(await this.#isWanted(source, existing))) return { type: 'skipped' };
    const { backupSuffix: suffix } = this.#rule;
    if (suffix !== undefined && existing?.kind === 'file') {
      const job = { from: this.#from, source, to: this.#to, existing, suffix };
      await this.#on('destination', () => backUp(job, { signal, windowBytes, whenThereIsRoom }));
    }
    const isFree = needsExisting(this.#rule) && existing === undefined;
    const { bytes } = await this.#copy({
      seen: seenFile(source) ?? seen,
      isDestinationNew: isFree || isDestinationNew,
    });
    // What was told before the copy: if the source has changed since, an older time makes the next -u copy it again.
    const unkept = await preserve(source, this.#from, this.#to, this.#rule.preserve ?? [], this.#steps.later);
    return { type: 'copied', bytes, unkept };
  }

  /** Both at a time; what is wrong with the source is told first. */
  async #look(): Promise<LookedAt> {
    const { signal } = this.#steps.options;
    const looking = needsExisting(this.#rule)
      ? this.#on('destination', () => statIfThere(this.#to, { signal }, 'not_directory'))
      : Promise.resolve(undefined);
    looking.catch(() => {});
    const source = await this.#on('source', () => this.#from.fileSystem.stat(this.#from.path, { signal }));
    return { source, existing: await looking };
  }

  async #isWanted(source: FileInfo, existing: FileInfo | undefined): Promise<boolean> {
    let action = actionFor(source, existing, this.#rule);
    if (action === 'compare') action = (await this.#isSame()) ? 'skip' : afterComparing(this.#rule);
    if (action !== 'ask') return action === 'copy';
    return (await this.#steps.ask?.(this.#to)) ?? false;
  }

  #copy(found: PlacedOptions): Promise<CopyResult> {
    return this.#rule.isAtomic ? this.#copyAtomically(found) : this.#steps.copy(this.#from, this.#to, found);
  }

  async #copyAtomically(found: PlacedOptions): Promise<CopyResult> {
    const { options } = this.#steps;
    const place = await this.#on('destination', () => AtomicPlace.beside(this.#to, { signal: options.signal }));
    try {
      const result = await this.#steps.copy(this.#from, place.temporary, { ...found, createMode: temporaryMode });
      await this.#on('destination', () => place.finish());
      return result;
    } catch (error) {
      throw await place.abandon(error);
    }
  }

  /** What cannot be read is different, for all that can be told; the copy finds out whose fault it is. */
  #isSame(): Promise<boolean> {
    const { options } = this.#steps;
    const { signal, rateLimit, wholeFiles: inFlight, whenThereIsRoom = (work) => work() } = options;
    const [from, to] = [this.#from, this.#to];
    return this.#on('destination', async () => {
      try {
        const small = { signal, inFlight, maxBytes: maxWholeBytes(options) };
        const compared =
          rateLimit === undefined ? await withSmallContents([from, to], small, (a, b) => a.equals(b)) : undefined;
        return compared?.value ?? (await whenThereIsRoom(() => haveSameContent(from, to, options)));
      } catch (error) {
        if (hasCode(error, 'permission_denied')) return false;
        throw error;
      }
    });
  }

  /** Runs `work` and makes its failure one of that side. */
  #on<T>(side: TransferError['side'], work: () => Promise<T>): Promise<T> {
    return onSide(side, this.#from, this.#to, work);
  }
}

/** Whether anything beyond the bytes matters. */
function needsFacts(rule: PlaceRule): boolean {
  return needsExisting(rule) || (rule.preserve ?? []).length > 0;
}

/** Whether it matters what is at the destination. */
function needsExisting(rule: PlaceRule): boolean {
  return looksAtExisting(rule) || rule.backupSuffix !== undefined;
}
