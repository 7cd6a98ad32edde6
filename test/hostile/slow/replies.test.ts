// The servers of behaviours/replies.ts, each against one run of the program.

import { replies } from '../behaviours/replies.js';
import { describeBehaviours } from '../describeBehaviours.js';

describeBehaviours('a server', replies);
