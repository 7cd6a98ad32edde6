// How much a session does and holds at once: running operations, answers not taken, requests not answered.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { limits } from '../../src/protocol/limits.js';
import { Intake } from '../../src/server/Intake.js';
import { AnswerBudget, OperationGate } from '../../src/server/OperationGate.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { channels, servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** Operations that a test ends one by one. */
class Work {
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  run(gate: OperationGate, name: string, weight: number): Promise<void> {
    return gate.run(weight, () => {
      this.started.push(name);
      return new Promise((resolve) => this.#ends.set(name, resolve));
    });
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await new Promise(setImmediate);
  }
}

describe('the gate of a session', (test) => {
  test('runs as many operations as allowed, the others in order as those end', async () => {
    const gate = new OperationGate(new AnswerBudget(), { running: 2, answerBytes: 1000 });
    const work = new Work();
    for (const name of ['a', 'b', 'c', 'd']) void work.run(gate, name, 1);
    assert.equal(work.started, ['a', 'b']);
    await work.end('b');
    assert.equal(work.started, ['a', 'b', 'c']);
    await work.end('a');
    assert.equal(work.started, ['a', 'b', 'c', 'd']);
  });

  test('starts nothing while answers that were not taken fill it', async () => {
    const gate = new OperationGate(new AnswerBudget(), { running: 8, answerBytes: 100 });
    const work = new Work();
    for (const name of ['a', 'b', 'c']) void work.run(gate, name, 60);
    assert.equal(work.started, ['a']);
    await work.end('a');
    assert.equal(work.started, ['a']);
    gate.release(60);
    await new Promise(setImmediate);
    assert.equal(work.started, ['a', 'b']);
  });

  test('lets one answer pass that is larger than the limit, alone', async () => {
    const gate = new OperationGate(new AnswerBudget(), { running: 8, answerBytes: 100 });
    const work = new Work();
    for (const [name, weight] of [
      ['small', 10],
      ['huge', 500],
      ['next', 10],
    ] as const)
      void work.run(gate, name, weight);
    assert.equal(work.started, ['small']);
    await work.end('small');
    gate.release(10);
    await new Promise(setImmediate);
    assert.equal(work.started, ['small', 'huge']);
  });

  test('gives room back when an operation fails', async () => {
    const gate = new OperationGate(new AnswerBudget(), { running: 1, answerBytes: 100 });
    await rejection(gate.run(60, () => Promise.reject(new Error('made by the test'))));
    gate.release(60);
    assert.is(gate.heldBytes, 0);
    assert.is(await gate.run(60, async () => 'done'), 'done');
  });

  test('refuses what waits and what comes when the session ends', async () => {
    const gate = new OperationGate(new AnswerBudget(), { running: 1, answerBytes: 100 });
    const work = new Work();
    void work.run(gate, 'a', 1);
    const waiting = work.run(gate, 'b', 1);
    const ended = gate.close(new Error('ended'));
    assert.is((await rejection(waiting)).message, 'ended');
    assert.is((await rejection(work.run(gate, 'c', 1))).message, 'ended');
    assert.equal(work.started, ['a']);
    await work.end('a');
    await ended;
  });
});

describe('the budget of all sessions', (test) => {
  const large = limits.smallAnswerBytes + 1;

  test('holds a large answer of one back until another took its own', async () => {
    const budget = new AnswerBudget(large);
    const [one, other] = [new OperationGate(budget), new OperationGate(budget)];
    const work = new Work();
    void work.run(one, 'first', large);
    void work.run(other, 'second', large);
    assert.equal(work.started, ['first']);
    await work.end('first');
    one.release(large);
    await new Promise(setImmediate);
    assert.equal(work.started, ['first', 'second']);
  });

  test('lets every session make one small answer', () => {
    const budget = new AnswerBudget(1);
    const work = new Work();
    for (const name of ['a', 'b', 'c']) void work.run(new OperationGate(budget), name, 1000);
    assert.equal(work.started, ['a', 'b', 'c']);
  });
});

describe('the intake of a session', (test) => {
  const recorded = () => {
    const calls: string[] = [];
    return { calls, flow: { pause: () => calls.push('pause'), resume: () => calls.push('resume') } };
  };

  test('pauses at too many requests and resumes at half of them', () => {
    const { calls, flow } = recorded();
    const intake = new Intake({ pause: () => void flow.pause(), resume: () => void flow.resume() });
    for (let count = 0; count < limits.unansweredRequests + 5; count++) intake.arrived(10);
    assert.equal(calls, ['pause']);
    for (let left = limits.unansweredRequests + 4; left >= limits.unansweredRequests / 2; left--) intake.answered(10);
    assert.equal(calls, ['pause']);
    intake.answered(10);
    assert.equal(calls, ['pause', 'resume']);
  });

  test('pauses at too many bytes', () => {
    const { calls, flow } = recorded();
    const intake = new Intake({ pause: () => void flow.pause(), resume: () => void flow.resume() });
    intake.arrived(limits.unansweredRequestBytes);
    intake.arrived(1);
    intake.answered(limits.unansweredRequestBytes);
    assert.equal(calls, ['pause', 'resume']);
  });
});

for (const channel of channels) {
  describe(`many requests at once over ${channel}`, (test) => {
    test('are all answered, in full, when the client reads', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      const content = contentOf(1 << 20);
      await writeFile(path, content);
      const { client } = here;
      await client.result('fs/open', { handleId: 'r', path });
      client.pause();
      const ids = Array.from({ length: 300 }, (_, index) => `read ${index}`);
      for (const [index, id] of ids.entries()) {
        client.send({ id, method: 'fs/readBlock', params: { handleId: 'r', offset: index, len: 65_536 } });
      }
      client.resume();
      await client.record.received(2 + ids.length);
      assert.equal(client.answered.slice(2), ids);
      const last = JSON.parse(client.record.messages.at(-1) ?? '') as { result: { chunk: string } };
      assert.ok(Buffer.from(last.result.chunk, 'base64').equals(content.subarray(299, 299 + 65_536)));
    });
  });
}
