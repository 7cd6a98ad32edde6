// Questions about single paths that go to a server together.

import * as assert from 'uvu/assert';
import { GatheredQuestions } from '../../src/fs/GatheredQuestions.js';
import { describe, rejection } from '../helpers/describe.js';

/** A server whose answers come when they are released, and which keeps what it was asked. */
function gatedServer() {
  const asked: (readonly string[])[] = [];
  const gates: (() => void)[] = [];
  const questions = new GatheredQuestions(async (paths) => {
    asked.push(paths);
    await new Promise<void>((open) => gates.push(open));
    return new Map(paths.map((path) => [path, path.toUpperCase()]));
  });
  const ask = async (...paths: string[]) => {
    const answers = await questions.ask(paths, {});
    return paths.map((path) => answers.get(path));
  };
  return { questions, ask, asked, release: () => gates.shift()?.() };
}

const nextTurn = () => new Promise(setImmediate);

describe('gathered questions', (test) => {
  test('go together when they come in one turn, each path once', async () => {
    const { ask, asked, release } = gatedServer();
    const answers = Promise.all([ask('a'), ask('b', 'a')]);
    await nextTurn();
    release();
    assert.equal(await answers, [['A'], ['B', 'A']]);
    assert.equal(asked, [['a', 'b']]);
  });

  test('wait while four are under way, and then go together', async () => {
    const { ask, asked, release } = gatedServer();
    const answers: Promise<unknown>[] = [];
    for (const path of ['a', 'b', 'c', 'd', 'e', 'f']) {
      answers.push(ask(path));
      await nextTurn();
    }
    assert.equal(asked, [['a'], ['b'], ['c'], ['d']]);
    release();
    await answers[0];
    await nextTurn();
    assert.equal(asked[4], ['e', 'f']);
    for (let count = 0; count < 4; count++) release();
    await Promise.all(answers);
  });

  test('fail together, and the next ones are asked all the same', async () => {
    let isFailing = true;
    const questions = new GatheredQuestions<string>(async () => {
      if (isFailing) throw new Error('no');
      return new Map();
    });
    await Promise.all(['a', 'b'].map((path) => rejection(questions.ask([path], {}))));
    isFailing = false;
    assert.is((await questions.ask(['a'], {})).size, 0);
  });

  test('are not waited for after an abort', async () => {
    const { questions, asked, release } = gatedServer();
    const abort = new AbortController();
    const asking = questions.ask(['a'], { signal: abort.signal });
    await nextTurn();
    abort.abort(new Error('enough'));
    assert.is((await rejection(asking)).message, 'enough');
    assert.equal(asked, [['a']]);
    release();
  });
});
