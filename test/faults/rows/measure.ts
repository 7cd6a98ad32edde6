// What a copy without a fault sends: the points at which faults can strike.

import type { Direction } from '../FaultyStream.js';
import type { CopyOptions, Ground, Journey } from '../Ground.js';
import { problemsOf } from '../oracle.js';

export interface Traffic {
  readonly messages: Readonly<Record<Direction, number>>;
  readonly bytes: Readonly<Record<Direction, number>>;
}

/** Messages and bytes each way on the connection of `journey` that faults are for. @throws if the copy goes wrong by itself */
export async function measure(ground: Ground, journey: Journey, options: CopyOptions = {}): Promise<Traffic> {
  const messages = { up: 0, down: 0 };
  let bytes: Traffic['bytes'] = { up: 0, down: 0 };
  const run = await ground.copy(journey, {
    ...options,
    hasOld: true,
    tap: ({ direction, number }) => {
      messages[direction] = number;
      return undefined;
    },
    onProxy: ({ counts }) => {
      bytes = counts;
    },
  });
  const problems = problemsOf(run, { statuses: [0] });
  if (problems.length > 0) throw new Error(`without a fault: ${problems.join('; ')}`);
  return { messages, bytes };
}
