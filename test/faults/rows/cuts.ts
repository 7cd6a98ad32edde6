// F05 to F07: the connection ends at every message and at many bytes.

import type { Fault } from '../FaultyStream.js';
import { type CopyOptions, type Ground, type Journey, type Leg, nameOf, small } from '../Ground.js';
import type { Row, Tally } from '../Row.js';
import { spread } from '../random.js';
import { measure } from './measure.js';

/** The three directions; between two servers either may be the one that goes. */
export const everyWay: readonly (Pick<Journey, 'direction'> & { readonly leg?: Leg })[] = [
  { direction: 'up' },
  { direction: 'down' },
  { direction: 'across', leg: 'from' },
  { direction: 'across', leg: 'to' },
];

/** Copies of three chunks through `server`, in every direction. */
export function journeysOver(...servers: Journey['server'][]): Journey[] {
  return servers.flatMap((server) => everyWay.map((way) => ({ ...way, server })));
}

export function cutRows(ground: Ground): Row[] {
  const sweep = new Sweep(ground);
  const all = journeysOver('serve', 'blocks', 'codex');
  const row = (id: string, fault: string, journey: Journey, run: (tally: Tally) => Promise<void>): Row => ({
    id,
    fault,
    where: nameOf(journey),
    run,
  });
  return [
    ...all.map((journey) =>
      row('F05', 'cut before and after every message', journey, (tally) => sweep.atMessages(tally, journey, 'cut')),
    ),
    ...all.map((journey) =>
      row('F06', 'reset before and after every message', journey, (tally) => sweep.atMessages(tally, journey, 'reset')),
    ),
    ...all.map((journey) =>
      row('F05', 'cut before and after every message, small file', journey, (tally) =>
        sweep.atMessages(tally, journey, 'cut', small),
      ),
    ),
    ...all.map((journey) => row('F07', 'cut at 200 bytes', journey, (tally) => sweep.atBytes(tally, journey))),
  ];
}

class Sweep {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Every message of both directions of the faulty connection, once before it passes and once after. */
  async atMessages(tally: Tally, journey: Journey, act: 'cut' | 'reset', options: CopyOptions = {}): Promise<void> {
    const { messages } = await measure(this.#ground, journey, options);
    for (const direction of ['up', 'down'] as const) {
      for (let message = 1; message <= messages[direction]; message++) {
        for (const isAfter of [false, true]) {
          await this.one(tally, journey, { direction, act, message, isAfter }, options);
        }
      }
    }
  }

  async atBytes(tally: Tally, journey: Journey): Promise<void> {
    const { bytes } = await measure(this.#ground, journey);
    for (const direction of ['up', 'down'] as const) {
      for (const byte of spread(0, bytes[direction] - 1, 100)) {
        await this.one(tally, journey, { direction, act: 'cut', byte });
      }
    }
  }

  /** One copy with one fault. The connection may break before there is any, and behind the last answer that matters. */
  async one(tally: Tally, journey: Journey, fault: Fault, options: CopyOptions = {}): Promise<void> {
    const seed = tally.runs + 1;
    const run = await this.#ground.copy(journey, { faults: [fault], seed, hasOld: seed % 2 === 0, ...options });
    tally.judge(JSON.stringify(fault), run, { statuses: [10, 7, 0], saysNot: /JSON|Unexpected/ });
  }
}
