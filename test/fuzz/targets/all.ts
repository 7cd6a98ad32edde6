// Every target, in the order in which they are tried.

import type { AnyTarget } from '../fuzz.js';
import { answers, commandLines, programs, trees } from './clients.js';
import { copies, handleTable, interleavings } from './models.js';
import { http, lines, requests, sockets } from './servers.js';
import { base64, envelope, names, operands } from './texts.js';

export const targets: readonly AnyTarget[] = [
  ...[envelope, names, operands, base64, requests, lines, sockets, http],
  ...[answers, programs, commandLines, trees, copies, handleTable, interleavings],
];
