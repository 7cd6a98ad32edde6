// Questions about single paths, gathered into few questions about many: what is asked while another is under way waits and goes
// together.

import { onAbort } from '../onAbort.js';
import type { OperationOptions } from './FileSystem.js';

/** How many questions are under way at a time: hashing may take long, and one large file should not hold up the small ones. */
const atATime = 4;

interface Question<T> {
  readonly paths: readonly string[];
  resolve(answers: ReadonlyMap<string, T>): void;
  reject(error: unknown): void;
}

export class GatheredQuestions<T> {
  readonly #askMany: (paths: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  #waiting: Question<T>[] = [];
  #underWay = 0;

  constructor(askMany: (paths: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
    this.#askMany = askMany;
  }

  /** The answers about `paths`, and perhaps others. An abort ends the waiting. */
  async ask(paths: readonly string[], { signal }: OperationOptions): Promise<ReadonlyMap<string, T>> {
    signal?.throwIfAborted();
    let stopListening = () => {};
    try {
      return await new Promise((resolve, reject) => {
        stopListening = onAbort(signal, () => reject(signal?.reason));
        this.#waiting.push({ paths, resolve, reject });
        // Whatever is asked in the same turn goes together too.
        setImmediate(() => void this.#next());
      });
    } finally {
      stopListening();
    }
  }

  async #next(): Promise<void> {
    if (this.#waiting.length === 0 || this.#underWay >= atATime) return;
    const questions = this.#waiting;
    this.#waiting = [];
    this.#underWay++;
    try {
      const answers = await this.#askMany([...new Set(questions.flatMap(({ paths }) => paths))]);
      for (const question of questions) question.resolve(answers);
    } catch (error) {
      for (const question of questions) question.reject(error);
    } finally {
      this.#underWay--;
      void this.#next();
    }
  }
}
