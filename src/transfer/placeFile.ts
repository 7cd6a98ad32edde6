// One file of a copy with everything around its bytes: what becomes of a destination that exists, its backup, the step in which
// the new one appears, and the attributes that it keeps.

import { CodexfsError, hasCode } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import { AtomicPlace, temporaryMode } from './AtomicPlace.js';
import { backUp } from './backUp.js';
import type { CopyOptions, CopyResult } from './copyFile.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { actionFor, afterComparing, type ExistingRule } from './existing.js';
import { type Attribute, preserve } from './preserve.js';
import { haveSameContent } from './sameContent.js';

export interface PlaceRule extends ExistingRule {
  /** What a backup of a replaced destination is called behind its name; none is made without. */
  readonly backupSuffix?: string | undefined;
  /** Whether the destination appears in one step, complete. For file systems that can rename. */
  readonly isAtomic?: boolean | undefined;
  readonly preserve?: readonly Attribute[] | undefined;
}

export interface PlaceSteps {
  /** Limits and the signal for what is read before the copy. */
  readonly options: CopyOptions;
  /** Copies the bytes. */
  copy(from: Endpoint, to: Endpoint, options: CopyOptions): Promise<CopyResult>;
  /** The copy begins; `written` is the file that will be written. The options are for it. */
  begin(written: Endpoint): CopyOptions;
  /** Whether `to` may be overwritten; asked where the rule says so. */
  ask?(to: Endpoint): Promise<boolean>;
}

export type Placed =
  | { readonly type: 'skipped' }
  | { readonly type: 'copied'; readonly bytes: number; readonly unkept: readonly Attribute[] };

/**
 * Copies `from`, of which `source` was told, to `to` by `rule`.
 * @throws {TransferError}
 */
export function placeFile(
  from: Endpoint,
  source: FileInfo,
  to: Endpoint,
  rule: PlaceRule,
  steps: PlaceSteps,
): Promise<Placed> {
  return new Placing(from, source, to, rule, steps).run();
}

class Placing {
  readonly #from: Endpoint;
  readonly #source: FileInfo;
  readonly #to: Endpoint;
  readonly #rule: PlaceRule;
  readonly #steps: PlaceSteps;

  constructor(from: Endpoint, source: FileInfo, to: Endpoint, rule: PlaceRule, steps: PlaceSteps) {
    this.#from = from;
    this.#source = source;
    this.#to = to;
    this.#rule = rule;
    this.#steps = steps;
  }

  async run(): Promise<Placed> {
    const existing = looksAtExisting(this.#rule) ? await this.#atDestination(() => this.#existing()) : undefined;
    if (!(await this.#isWanted(existing))) return { type: 'skipped' };
    const { backupSuffix: suffix } = this.#rule;
    if (suffix !== undefined && existing?.kind === 'file') {
      const job = { from: this.#from, source: this.#source, to: this.#to, existing, suffix };
      await this.#atDestination(() => backUp(job, { signal: this.#steps.options.signal }));
    }
    const { bytes } = this.#rule.isAtomic ? await this.#copyAtomically() : await this.#copy();
    // What was told before the copy: if the source has changed since, an older time makes the next -u copy it again.
    const unkept = await preserve(this.#source, this.#to, this.#rule.preserve ?? []);
    return { type: 'copied', bytes, unkept };
  }

  async #isWanted(existing: FileInfo | undefined): Promise<boolean> {
    let action = actionFor(this.#source, existing, this.#rule);
    if (action === 'compare') action = (await this.#isSame()) ? 'skip' : afterComparing(this.#rule);
    if (action !== 'ask') return action === 'copy';
    return (await this.#steps.ask?.(this.#to)) ?? false;
  }

  #copy(): Promise<CopyResult> {
    return this.#steps.copy(this.#from, this.#to, this.#steps.begin(this.#to));
  }

  async #copyAtomically(): Promise<CopyResult> {
    const { options } = this.#steps;
    const place = await this.#atDestination(() => AtomicPlace.beside(this.#to, { signal: options.signal }));
    try {
      const copyOptions = { ...this.#steps.begin(place.temporary), createMode: temporaryMode };
      const result = await this.#steps.copy(this.#from, place.temporary, copyOptions);
      await this.#atDestination(() => place.finish());
      return result;
    } catch (error) {
      throw await place.abandon(error);
    }
  }

  /** What cannot be read is different, for all that can be told; the copy finds out whose fault it is. */
  #isSame(): Promise<boolean> {
    return this.#atDestination(async () => {
      try {
        return await haveSameContent(this.#from, this.#to, this.#steps.options);
      } catch (error) {
        if (hasCode(error, 'permission_denied')) return false;
        throw error;
      }
    });
  }

  async #existing(): Promise<FileInfo | undefined> {
    const { fileSystem, path } = this.#to;
    try {
      return await fileSystem.stat(path, { signal: this.#steps.options.signal });
    } catch (error) {
      if (hasCode(error, 'not_found', 'not_directory')) return undefined;
      throw error;
    }
  }

  /** Runs `work` and makes its failure one of the destination. */
  async #atDestination<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof TransferError || !(cause instanceof CodexfsError)) throw cause;
      throw new TransferError({
        from: this.#from.shown,
        to: this.#to.shown,
        side: 'destination',
        partial: undefined,
        cause,
      });
    }
  }
}

/** Whether the destination is asked about first; a plain copy costs no request for it. */
function looksAtExisting({ overwrite = 'always', isUpdate, isChecksum, backupSuffix }: PlaceRule): boolean {
  return overwrite !== 'always' || isUpdate === true || isChecksum === true || backupSuffix !== undefined;
}
