// The servers of behaviours/beginnings.ts, each against one run of the program.

import { beginnings } from '../behaviours/beginnings.js';
import { describeBehaviours } from '../describeBehaviours.js';

describeBehaviours('a server', beginnings);
