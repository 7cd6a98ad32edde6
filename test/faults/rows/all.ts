// Every row of the table, in its order.

import type { Ground } from '../Ground.js';
import type { Row } from '../Row.js';
import { connectingRows } from './connecting.js';
import { cutRows } from './cuts.js';
import { networkRows } from './network.js';
import { processRows } from './processes.js';
import { servingRows } from './serving.js';
import { sourceRows } from './sources.js';
import { spaceRows } from './space.js';
import { straceRows } from './strace.js';
import { syscallRows } from './syscalls.js';
import { treeRows } from './trees.js';

export function allRows(ground: Ground): Row[] {
  const groups = [
    connectingRows,
    cutRows,
    networkRows,
    spaceRows,
    syscallRows,
    straceRows,
    sourceRows,
    treeRows,
    processRows,
    servingRows,
  ];
  return groups.flatMap((rowsOf) => rowsOf(ground)).sort((a, b) => a.id.localeCompare(b.id));
}
