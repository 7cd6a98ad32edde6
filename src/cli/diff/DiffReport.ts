// What diff writes, in the words of diff(1) where it has some.

import type { NodeKind } from '../../transfer/readTree.js';
import { LineWriter } from '../LineWriter.js';
import { counted } from '../quantities.js';
import type { Run } from '../Run.js';
import { shownName } from '../shownName.js';
import type { FileDifference } from './compareFiles.js';
import { textDiff } from './textDiff.js';

/** Locations of the same thing on both sides. */
export interface Locations {
  readonly first: string;
  readonly second: string;
}

const kindWords: Readonly<Record<NodeKind, string>> = {
  file: 'a regular file',
  directory: 'a directory',
  link: 'a link that leads nowhere',
  special: 'a special file',
};

export class DiffReport {
  /** Whether anything was reported that makes the two sides different. */
  isDifferent = false;
  readonly #run: Run;
  readonly #isBrief: boolean;
  readonly #lines: LineWriter;

  constructor(run: Run, { isBrief }: { readonly isBrief: boolean }) {
    this.#run = run;
    this.#isBrief = isBrief;
    this.#lines = new LineWriter(run.output);
  }

  /** Something is on one side only; `directory` is where it is. */
  async onlyIn(directory: string, name: string, side: keyof Locations, location: string): Promise<void> {
    const locations = { first: null, second: null, [side]: location };
    await this.#tell(`Only in ${this.#shown(directory)}: ${this.#shown(name)}`, 'only', locations);
  }

  async kinds(locations: Locations, first: NodeKind, second: NodeKind): Promise<void> {
    const [a, b] = [this.#shown(locations.first), this.#shown(locations.second)];
    await this.#tell(`File ${a} is ${kindWords[first]} while file ${b} is ${kindWords[second]}`, 'kind', locations);
  }

  /** Directories that are on both sides and are not looked into. They are no difference. */
  async common({ first, second }: Locations): Promise<void> {
    if (this.#run.options.json) return;
    await this.#lines.write(`Common subdirectories: ${this.#shown(first)} and ${this.#shown(second)}\n`);
  }

  async files(locations: Locations, difference: FileDifference): Promise<void> {
    const text = await this.#textDiff(locations, difference);
    if (text !== undefined) {
      this.isDifferent = true;
      return this.#lines.write(text);
    }
    const what = this.#isBrief ? '' : detailOf(difference);
    await this.#tell(
      `Files ${this.#shown(locations.first)} and ${this.#shown(locations.second)} differ${what}`,
      'content',
      locations,
    );
  }

  flush(): Promise<void> {
    return this.#lines.flush();
  }

  async #textDiff(locations: Locations, difference: FileDifference): Promise<string | undefined> {
    if (difference.type !== 'text' || this.#run.options.json || this.#isBrief) return undefined;
    const isTerminal = this.#run.output.stdout.isTTY === true;
    return textDiff({ names: locations, first: difference.first, second: difference.second, isTerminal });
  }

  async #tell(
    line: string,
    what: 'content' | 'only' | 'kind',
    { first, second }: { readonly first: string | null; readonly second: string | null },
  ): Promise<void> {
    this.isDifferent = true;
    if (this.#run.options.json) await this.#run.record({ type: 'difference', what, first, second });
    else await this.#lines.write(`${line}\n`);
  }

  #shown(name: string): string {
    return shownName(name, this.#run.output);
  }
}

function detailOf(difference: FileDifference): string {
  if (difference.type === 'size') {
    return `: ${counted(difference.firstBytes, 'byte')} and ${counted(difference.secondBytes, 'byte')}`;
  }
  return difference.type === 'byte' ? `: from byte ${difference.offset + 1} on` : ': in nearly every line';
}
