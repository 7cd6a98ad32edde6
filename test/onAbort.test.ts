// One abort, many who wait for it.

import { getEventListeners } from 'node:events';
import * as assert from 'uvu/assert';
import { onAbort } from '../src/onAbort.js';
import { describe } from './helpers/describe.js';

describe('an abort', (test) => {
  test('is heard once by all who still listen, and takes one listener of the signal', () => {
    const controller = new AbortController();
    const heard: string[] = [];
    onAbort(controller.signal, () => heard.push('first'));
    const stop = onAbort(controller.signal, () => heard.push('second'));
    const stopThird = onAbort(controller.signal, () => heard.push('third'));
    stop();
    assert.is(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort();
    stopThird();
    assert.equal(heard, ['first', 'third']);
  });

  test('is heard by one whom another stops while it is told', () => {
    const controller = new AbortController();
    const heard: string[] = [];
    onAbort(controller.signal, () => {
      heard.push('first');
      stopSecond();
    });
    const stopSecond = onAbort(controller.signal, () => heard.push('second'));
    controller.abort();
    assert.equal(heard, ['first', 'second']);
  });

  test('is of its signal alone, and of none where there is no signal', () => {
    const [controller, other] = [new AbortController(), new AbortController()];
    const heard: string[] = [];
    onAbort(controller.signal, () => heard.push('this'));
    onAbort(other.signal, () => heard.push('other'));
    onAbort(undefined, () => heard.push('none'))();
    controller.abort();
    assert.equal(heard, ['this']);
  });
});
