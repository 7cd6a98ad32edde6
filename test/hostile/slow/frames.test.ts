// The servers of behaviours/frames.ts, each against one run of the program.

import { frames } from '../behaviours/frames.js';
import { describeBehaviours } from '../describeBehaviours.js';

describeBehaviours('a server', frames);
