// One direction of a connection and what goes wrong in it. It decides; the proxy and the pipe around it do the sending.

import type { Unit } from './frames.js';

export type Direction = 'up' | 'down';

/**
 * Something that goes wrong at one point of one direction. `cut` ends the connection in order, `reset` does not; from a `hole` on
 * nothing passes either way, and from `mute` on no message of this direction, while pings do. `drop`, `twice`, `swap` (it passes
 * behind the next one) and `delay` happen to one message, `flip` to one bit of a byte.
 */
export interface Fault {
  readonly direction: Direction;
  readonly act: 'cut' | 'reset' | 'hole' | 'mute' | 'drop' | 'twice' | 'swap' | 'delay' | 'flip';
  /** Which message of the direction, from 1 ... */
  readonly message?: number;
  /** ... or how many bytes of the direction have passed, the head of HTTP among them. */
  readonly byte?: number;
  /** Whether the message that a `cut`, `reset` or `hole` is for passes before. */
  readonly isAfter?: boolean;
  readonly delayMs?: number;
}

/** How the whole connection goes on. */
export type Turn = 'cut' | 'reset' | 'hole';

/** A message on its way. */
export interface SeenMessage {
  readonly direction: Direction;
  /** From 1, in this direction. */
  readonly number: number;
  readonly text: string;
}

/** What a tap wants of the message: nothing, that it does not pass, or that it is answered in place of the peer. */
export type TapAnswer = undefined | 'drop' | { readonly answer: object };

/** Sees every message before it passes, and may hold it. */
export type Tap = (message: SeenMessage) => TapAnswer | Promise<TapAnswer>;

export interface Step {
  /** What passes, in order. */
  readonly pass: readonly Buffer[];
  /** What becomes of the connection then. */
  readonly turn?: Turn | undefined;
  /** What goes back to where the message came from. */
  readonly answer?: object | undefined;
  /** Something is held back: `overdue` is to be asked for it in a while. */
  readonly isHolding?: boolean;
}

/** Milliseconds until a message that was to be overtaken, and was not, is `overdue`. */
export const swapMs = 60;

export class FaultyStream {
  readonly #direction: Direction;
  readonly #faults: readonly Fault[];
  readonly #tap: Tap | undefined;
  #messages = 0;
  #bytes = 0;
  #isMute = false;
  /** A message that passes behind the next one. */
  #swapped: Buffer | undefined;

  constructor(direction: Direction, faults: readonly Fault[], tap?: Tap) {
    this.#direction = direction;
    this.#faults = faults.filter((fault) => fault.direction === direction);
    this.#tap = tap;
  }

  /** Decides about the next unit of the stream. */
  async take(unit: Unit): Promise<Step> {
    if (unit.kind !== 'message') return this.#sent({ pass: [unit.bytes] });
    const number = ++this.#messages;
    const wish = await this.#tap?.({ direction: this.#direction, number, text: unit.text });
    if (wish === 'drop') return { pass: [] };
    if (wish !== undefined) return { pass: [], answer: wish.answer };
    return this.#sent(await this.#fated(unit, number));
  }

  /** A swapped message that none came behind. */
  overdue(): Step {
    const late = this.#swapped;
    this.#swapped = undefined;
    return this.#sent({ pass: late === undefined ? [] : [late] });
  }

  async #fated({ bytes }: Unit, number: number): Promise<Step> {
    const fault = this.#faults.find((one) => one.message === number);
    if (fault?.act === 'mute') this.#isMute = true;
    if (this.#isMute || fault?.act === 'drop') return { pass: [] };
    if (fault?.act === 'swap') {
      this.#swapped = bytes;
      return { pass: [], isHolding: true };
    }
    if (fault?.act === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const pass = this.#swapped === undefined ? [bytes] : [bytes, this.#swapped];
    this.#swapped = undefined;
    if (fault?.act === 'twice') return { pass: [...pass, bytes] };
    if (fault?.act !== 'cut' && fault?.act !== 'reset' && fault?.act !== 'hole') return { pass };
    return { pass: fault.isAfter === true ? pass : [], turn: fault.act };
  }

  /** Counts what passes, and lets happen what is to happen at a byte of it. */
  #sent(step: Step): Step {
    const pass: Buffer[] = [];
    for (const bytes of step.pass) {
      const from = this.#bytes;
      this.#bytes += bytes.length;
      const here = this.#faults.filter(({ byte }) => byte !== undefined && byte >= from && byte < this.#bytes);
      const end = here.find(({ act }) => act !== 'flip');
      pass.push(flipped(bytes, from, here).subarray(0, end?.byte === undefined ? undefined : end.byte - from));
      if (end !== undefined) return { pass, turn: end.act as Turn };
    }
    return { ...step, pass };
  }
}

function flipped(bytes: Buffer, from: number, faults: readonly Fault[]): Buffer {
  const flips = faults.filter(({ act }) => act === 'flip');
  if (flips.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  for (const { byte = 0 } of flips) copy[byte - from] = (copy[byte - from] ?? 0) ^ (1 << (byte % 8));
  return copy;
}
