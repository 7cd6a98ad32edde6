// The records of one run, wherever --json and --report want them: any number, and then the summary, which is the last.

import type { RecordSink } from './RecordSink.js';
import type { JsonRecord, SummaryRecord } from './recordSchemas.js';
import { recordText } from './recordText.js';

export class Records {
  #sinks: readonly RecordSink[];
  #hasSummary = false;

  constructor(sinks: readonly RecordSink[]) {
    this.#sinks = sinks;
  }

  /** Resolves when there is room for more. Never rejects; behind the summary nothing is written. */
  async write(record: JsonRecord): Promise<void> {
    if (this.#sinks.length === 0 || this.#hasSummary) return;
    const line = recordText(record);
    await Promise.all(this.#sinks.map((sink) => sink.write(line)));
  }

  /** Writes the last record, and resolves when it has arrived. Idempotent. */
  async end(summary: () => SummaryRecord): Promise<void> {
    this.#close(summary);
    await Promise.all(this.#sinks.map((sink) => sink.end()));
  }

  /** The same at once: for the end of the process. */
  endSync(summary: () => SummaryRecord): void {
    this.#close(summary);
    for (const sink of this.#sinks) sink.endSync();
  }

  #close(summary: () => SummaryRecord): void {
    if (this.#hasSummary || this.#sinks.length === 0) return;
    void this.write(summary());
    this.#hasSummary = true;
  }
}
