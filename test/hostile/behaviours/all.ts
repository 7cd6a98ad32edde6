// Every way of misbehaving, by where it shows.

import type { Behaviour } from './Behaviour.js';
import { beginnings } from './beginnings.js';
import { frames } from './frames.js';
import { programs } from './programs.js';
import { replies } from './replies.js';
import { trees } from './trees.js';

export const groups: Readonly<Record<string, readonly Behaviour[]>> = { beginnings, frames, replies, trees, programs };
