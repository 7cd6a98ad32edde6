// F08, F09, F13 to F16 and F53: a network that goes silent, loses, doubles, mixes up, delays and falsifies.

import type { Fault } from '../FaultyStream.js';
import { forEachOf } from '../forEachOf.js';
import { type CopyOptions, type Ground, type Journey, nameOf, small } from '../Ground.js';
import type { Expectation } from '../oracle.js';
import type { Row, Tally } from '../Row.js';
import { randomOf, spread } from '../random.js';
import { journeysOver } from './cuts.js';
import { measure } from './measure.js';

/** Runs wait for their deadline here, so it is short and several wait at a time. */
const patience = ['--timeout', '300ms'];
const atATime = 8;

export function networkRows(ground: Ground): Row[] {
  const sweep = new NetworkSweep(ground);
  const journeys = journeysOver('serve', 'codex');
  const upAndDown = journeys.filter(({ direction }) => direction !== 'across');
  return [
    ...journeys.map((journey) => ({
      id: 'F08',
      fault: 'a black hole behind every message',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'hole' }, { statuses: [10, 7, 0] }),
    })),
    ...journeys.map((journey) => ({
      id: 'F09',
      fault: 'no answer from some message on, but pings',
      where: nameOf(journey),
      run: (tally: Tally) =>
        sweep.replies(tally, journey, { act: 'mute' }, { statuses: [10, 7, 0], saysNot: /undefined/ }),
    })),
    ...journeys.map((journey) => ({
      id: 'F12',
      fault: 'reset twice at 4 messages, --retries 3',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.retried(tally, journey),
    })),
    ...journeys.map((journey) => ({
      id: 'F13',
      fault: 'one answer is lost, each in turn (F53: the last)',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'drop' }, { statuses: [10, 7, 0] }),
    })),
    ...journeys.map((journey) => ({
      id: 'F13',
      fault: 'one answer is lost, a small file',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'drop' }, { statuses: [10, 7, 0] }, small),
    })),
    ...journeys.map((journey) => ({
      id: 'F14',
      fault: 'one answer is overtaken by the next',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'swap' }, { statuses: [0] }),
    })),
    ...journeys.map((journey) => ({
      id: 'F14',
      fault: 'one answer comes 150 ms late',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'delay', delayMs: 150 }, { statuses: [0] }),
    })),
    ...journeys.map((journey) => ({
      id: 'F14',
      fault: 'one answer comes twice',
      where: nameOf(journey),
      // Behind the last answer nobody listens any more.
      run: (tally: Tally) => sweep.replies(tally, journey, { act: 'twice' }, { statuses: [10, 7, 0] }),
    })),
    ...upAndDown.map((journey) => ({
      id: 'F15',
      fault: 'up to 200 ms late, 100 KB/s',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.jitter(tally, journey),
    })),
    ...upAndDown.map((journey) => ({
      id: 'F16',
      fault: 'one bit flipped at 250 places, --verify',
      where: nameOf(journey),
      run: (tally: Tally) => sweep.flips(tally, journey, 250),
    })),
  ];
}

/** Of a flipped bit may come any failure; what it may not become is success over other bytes. */
const anyFailure = { statuses: [0, 3, 4, 5, 6, 7, 8, 9, 10] };

class NetworkSweep {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** One copy for each message of the server, to which `fault` happens. */
  async replies(
    tally: Tally,
    journey: Journey,
    fault: Omit<Fault, 'direction' | 'message'>,
    expected: Expectation,
    options: CopyOptions = {},
  ): Promise<void> {
    const { messages } = await measure(this.#ground, journey, options);
    const numbers = Array.from({ length: messages.down }, (_, i) => i + 1);
    await forEachOf(numbers, atATime, (message) =>
      this.#one(tally, journey, { ...fault, direction: 'down', message }, expected, options),
    );
  }

  /** Two connections break and the third does not: the copy is there, and no report of what broke is left to stand. */
  async retried(tally: Tally, journey: Journey): Promise<void> {
    const { messages } = await measure(this.#ground, journey);
    await forEachOf(spread(2, messages.down - 1, 4), atATime, async (message) => {
      const faults = [{ direction: 'down' as const, act: 'reset' as const, message }];
      const options = { faults, network: { faultyConnections: 2 }, words: ['--retries', '3'] };
      tally.judge(`message ${message}`, await this.#ground.copy(journey, options), { statuses: [0] });
    });
  }

  async jitter(tally: Tally, journey: Journey): Promise<void> {
    const network = { jitterMs: 200, bytesPerSecond: 100_000, seed: 5 };
    const run = await this.#ground.copy(journey, { network, real: {} });
    tally.judge('jitter', run, { statuses: [0] });
    if (run.stderr.split('\n').length > 3) tally.fail(`too many words to a pipe: ${run.stderr}`);
  }

  /** Bits of either direction, at bytes that a seed chooses. */
  async flips(tally: Tally, journey: Journey, count: number): Promise<void> {
    const { bytes } = await measure(this.#ground, journey, { words: ['--verify'] });
    const random = randomOf(bytes.up + bytes.down);
    const faults = Array.from({ length: count }, (): Fault => {
      const direction = random(bytes.up + bytes.down) < bytes.up ? 'up' : 'down';
      return { direction, act: 'flip', byte: random(bytes[direction]) };
    });
    const options = { words: ['--verify', '--connect-timeout', '300ms', ...patience] };
    await forEachOf(faults, atATime, (fault) => this.#one(tally, journey, fault, anyFailure, options));
  }

  async #one(tally: Tally, journey: Journey, fault: Fault, expected: Expectation, options: CopyOptions = {}) {
    const seed = tally.runs + 1;
    const run = await this.#ground.copy(journey, {
      ...{ faults: [fault], seed, hasOld: seed % 2 === 0, words: patience },
      ...options,
    });
    tally.judge(JSON.stringify(fault), run, expected);
  }
}
