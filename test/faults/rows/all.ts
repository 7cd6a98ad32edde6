// Every row of the table, in its order.

import type { Ground } from '../Ground.js';
import type { Row } from '../Row.js';
import { cutRows } from './cuts.js';
import { networkRows } from './network.js';
import { spaceRows } from './space.js';
import { syscallRows } from './syscalls.js';

export function allRows(ground: Ground): Row[] {
  return [...cutRows(ground), ...networkRows(ground), ...spaceRows(ground), ...syscallRows(ground)];
}
