// Targets that hold a part of the program against a model of it.

import { interleavingProperty, modelProperty } from '../../helpers/handleTableModel.js';
import { run, simulate } from '../../helpers/simulatedCopy.js';
import { type PropertyTarget, pureTarget } from '../FuzzTarget.js';

export const handleTable: PropertyTarget = {
  name: 'handleTable',
  title: 'the handle table against its model',
  count: 2_000,
  longCount: 50_000,
  property: modelProperty as unknown as PropertyTarget['property'],
};

export const interleavings: PropertyTarget = {
  name: 'interleavings',
  title: 'the handle table under every interleaving',
  count: 2_000,
  longCount: 20_000,
  property: interleavingProperty as unknown as PropertyTarget['property'],
};

export const copies = pureTarget({
  name: 'copies',
  title: 'copies over simulated servers',
  count: 6_000,
  longCount: 200_000,
  inputs: run,
  check: async (plan) => void (await simulate(plan)),
});
