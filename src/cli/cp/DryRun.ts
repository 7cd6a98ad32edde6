// The items of a cp that does nothing: each is looked at as far as can be without touching it, and told in one line.

import { Directories } from '../../transfer/Directories.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { type ForeseenCopy, foreseeCopy, foreseeDestination } from '../../transfer/foreseeCopy.js';
import { onSide } from '../../transfer/onSide.js';
import { placeFile } from '../../transfer/placeFile.js';
import { Source } from '../../transfer/Source.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { type CopyJob, shownInput } from './CpPlan.js';
import type { CpPolicies } from './cpPolicies.js';
import { tellPlanned } from './tellPlanned.js';

const shownOutput = 'standard output';

export class DryRun {
  /** Those that would be made. */
  readonly directories: Directories;
  readonly #policies: CpPolicies;
  readonly #run: Run;

  constructor(policies: CpPolicies, run: Run) {
    this.#policies = policies;
    this.#run = run;
    this.directories = new Directories({
      onMissing: ({ shown: to }) => void tellPlanned({ action: 'makeDirectory', from: null, to, sizeBytes: null }, run),
    });
  }

  /** Tells of one item. Resolves with the bytes that would be copied; undefined where the destination would be left as it is. */
  async copy(job: CopyJob): Promise<number | undefined> {
    if (job.type === 'file') return this.#copyFile(job.from, job.to);
    const { signal } = this.#run;
    if (job.type === 'fromInput') {
      const existing = await onSide('destination', { shown: shownInput }, job.to, () =>
        foreseeDestination(job.to, { signal, directories: this.directories }),
      );
      await this.#tell(existing === undefined ? 'copy' : 'replace', shownInput, job.to.shown);
      return 0;
    }
    await using source = await onSide('source', job.from, { shown: shownOutput }, () =>
      Source.open(job.from, { signal }),
    );
    await this.#tell('copy', job.from.shown, shownOutput, source.claimedBytes);
    return source.claimedBytes ?? 0;
  }

  async #copyFile(from: Endpoint, to: Endpoint): Promise<number | undefined> {
    const { signal } = this.#run;
    // What is about existing destinations counts here too; the rest does something.
    const { backupSuffix, isAtomic, preserve, ...rule } = this.#policies.rule;
    let foreseen: ForeseenCopy | undefined;
    const placed = await placeFile(from, to, rule, {
      options: { signal },
      copy: async () => {
        const { range } = this.#policies.copy;
        foreseen = await foreseeCopy(from, to, { signal, range, directories: this.directories });
        return foreseen;
      },
      // Nobody can say what the answer will be: the plan is of the copy that is asked about.
      ask: async () => true,
    });
    if (placed.type === 'copied') {
      await this.#tell(foreseen?.isNew ? 'copy' : 'replace', from.shown, to.shown, placed.bytes);
      return placed.bytes;
    }
    if (!this.#run.options.json) await this.#run.output.data(`leave ${show(to.shown)}\n`);
    this.#run.kept(to.shown);
    return undefined;
  }

  #tell(action: 'copy' | 'replace', from: string, to: string, sizeBytes?: number): Promise<void> {
    return tellPlanned({ action, from, to, sizeBytes: sizeBytes ?? null }, this.#run);
  }
}
