// The handle table does what its model does, under every interleaving. The model is in helpers/handleTableModel.ts.

import * as fc from 'fast-check';
import { describe } from '../helpers/describe.js';
import { interleavingProperty, modelProperty } from '../helpers/handleTableModel.js';

describe('the handle table', (test) => {
  test(
    'does what its model does, for a client that waits for each answer',
    () => fc.assert(modelProperty(), { numRuns: 2000 }),
    { timeoutMs: 60_000 },
  );

  test(
    'keeps its rules under every interleaving of open, close, read, write and disconnect',
    () => fc.assert(interleavingProperty(), { numRuns: 2000 }),
    { timeoutMs: 60_000 },
  );
});
