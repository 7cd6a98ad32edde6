// Copies the files of one cp by its policies, and remembers what has to be said once at the end.

import { UsageError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import type { Attribute } from '../../transfer/attributes.js';
import type { CopyOptions } from '../../transfer/copyFile.js';
import { copyOneFile } from '../../transfer/copyOneFile.js';
import { LaterAttributes } from '../../transfer/LaterAttributes.js';
import { type Placed, placeFile } from '../../transfer/placeFile.js';
import type { RestartReason } from '../../transfer/prefix.js';
import { type RetryRule, withRetries } from '../../transfer/retries.js';
import type { Trail } from '../../transfer/Trail.js';
import { counted } from '../quantities.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { Terminal } from '../Terminal.js';
import type { WatchedFile } from '../WatchedFile.js';
import type { FileJob } from './CpPlan.js';
import type { CpPolicies } from './cpPolicies.js';

export class FileCopier implements Disposable {
  readonly #policies: CpPolicies;
  readonly #run: Run;
  readonly #terminal: Terminal | undefined;
  /** Attributes that take a program on a server, for all files together. */
  readonly #later: LaterAttributes;
  /** In how many files each attribute could not be kept. */
  readonly #unkept = new Map<Attribute, number>();

  /** Bytes that all copies together may have in flight, where the user says so. */
  get windowBytes(): number | undefined {
    return this.#policies.windowBytes;
  }

  get #retryRule(): RetryRule {
    const { retries } = this.#run.options;
    return { retries: retries ?? limits.retries, isInsistent: retries !== undefined };
  }

  /** @throws {UsageError} when questions are to be asked and there is no terminal */
  constructor(policies: CpPolicies, run: Run) {
    this.#policies = policies;
    this.#run = run;
    this.#later = new LaterAttributes(run.signal);
    if (policies.rule.overwrite !== 'ask') return;
    this.#terminal = Terminal.open();
    if (this.#terminal === undefined) {
      throw new UsageError('-i asks on a terminal, and there is none', {
        hint: '-n keeps what exists, -u what is newer',
      });
    }
  }

  /**
   * Does `job` by the policies. `more` options are for its bytes.
   * @throws {TransferError}
   */
  async copy(job: FileJob, more: CopyOptions): Promise<Placed & { readonly attempts: number }> {
    const { from, to } = job;
    using file = this.#run.watch(from.fileSystem.basename(from.path), job.sizeBytes);
    let attempts = 1;
    const placed = await placeFile(from, to, this.#policies.rule, {
      options: { signal: this.#run.signal, ...this.#policies.copy, ...more },
      lookedAt: job.lookedAt,
      copy: async (source, written, found) => {
        const onRestart = (reason: RestartReason) => this.#tellRestart(to.shown, reason);
        const options = { ...this.options(file, written.shown), ...more, ...found, onRestart };
        const copy = (trail: Trail) => copyOneFile(source, written, { ...options, trail });
        const copied = await withRetries(this.#retryRule, copy);
        attempts = copied.attempts;
        return copied;
      },
      later: this.#later,
      ask: (existing) => this.#mayOverwrite(existing.shown),
    });
    if (placed.type === 'copied') for (const attribute of placed.unkept) this.#countUnkept(attribute);
    return { ...placed, attempts };
  }

  /** What every copy of the run has, for one of `file` to `shownDestination`. */
  options(file: WatchedFile, shownDestination?: string): CopyOptions {
    return { ...file.options(shownDestination), ...this.#policies.copy };
  }

  /** Sets the attributes that waited for the end, and says which could not be kept, and in how many files. */
  async finish(): Promise<void> {
    for (const [attribute, count] of await this.#later.finish()) this.#countUnkept(attribute, count);
    const counts = [...this.#unkept].map(([attribute, count]) => `${attribute} of ${counted(count, 'file')}`);
    if (counts.length === 0) return;
    this.#run.note(`codexfs: ${this.#run.command}: not kept: ${counts.join(', ')}`);
  }

  [Symbol.dispose](): void {
    this.#terminal?.[Symbol.dispose]();
  }

  async #mayOverwrite(shown: string): Promise<boolean> {
    const question = `codexfs: ${this.#run.command}: overwrite ${show(shown)}? `;
    return (await this.#terminal?.confirm(question, this.#run.signal)) ?? false;
  }

  #countUnkept(attribute: Attribute, count = 1): void {
    this.#unkept.set(attribute, (this.#unkept.get(attribute) ?? 0) + count);
  }

  #tellRestart(shown: string, reason: RestartReason): void {
    if (reason === 'differs') this.#note(shown, 'is no beginning of its source and is copied from the start');
    else if (this.#run.options.verbose)
      this.#note(shown, 'cannot be appended to on a server and is copied from the start');
  }

  #note(shown: string, what: string): void {
    this.#run.note(`codexfs: ${this.#run.command}: ${show(shown)}: ${what}`);
  }
}
