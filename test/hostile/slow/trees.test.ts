// The servers of behaviours/trees.ts, each against one run of the program.

import { trees } from '../behaviours/trees.js';
import { describeBehaviours } from '../describeBehaviours.js';

describeBehaviours('a server', trees);
