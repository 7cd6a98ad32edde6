// The servers of behaviours/programs.ts, each against one run of the program.

import { programs } from '../behaviours/programs.js';
import { describeBehaviours } from '../describeBehaviours.js';

describeBehaviours('a program on stdio', programs);
