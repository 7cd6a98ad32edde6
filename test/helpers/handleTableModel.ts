// The handle table against a model of it: random commands on a few IDs over files whose every step a schedule decides.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { hasCode } from '../../src/errors.js';
import type { PositionalWriteHandle } from '../../src/fs/FileSystem.js';
import { FileHandles, type HandleKind } from '../../src/server/FileHandles.js';
import type { ServedReadHandle } from '../../src/server/ServedFileSystem.js';

const ids = ['a', 'b', 'c', 'd', 'e'] as const;
type Id = (typeof ids)[number];
const limit = 3;
const kinds: readonly HandleKind[] = ['read', 'write'];

/** What has happened to files, to be held against the rules. */
class FakeFiles {
  open = 0;
  /** Broken rules, in words. */
  readonly faults: string[] = [];
  readonly #step: () => Promise<void>;

  constructor(step: () => Promise<void>) {
    this.#step = step;
  }

  async openOne(fails: boolean): Promise<FakeFile> {
    await this.#step();
    if (fails) throw new Error('cannot be opened');
    this.open++;
    return new FakeFile(this, this.#step);
  }
}

class FakeFile {
  readonly #files: FakeFiles;
  readonly #step: () => Promise<void>;
  #active = false;
  #isClosed = false;
  #lastStarted = -1;

  constructor(files: FakeFiles, step: () => Promise<void>) {
    this.#files = files;
    this.#step = step;
  }

  async operate(order: number, fails: boolean): Promise<void> {
    this.#expect(!this.#isClosed, 'an operation runs on a closed file');
    this.#expect(!this.#active, 'two operations of one handle run at once');
    this.#expect(order > this.#lastStarted, 'operations run out of order');
    this.#active = true;
    this.#lastStarted = order;
    await this.#step();
    this.#active = false;
    if (fails) throw new Error('the operation fails');
  }

  async close(): Promise<void> {
    this.#expect(!this.#isClosed, 'a file is closed twice');
    this.#expect(!this.#active, 'a file is closed under an operation');
    this.#isClosed = true;
    await this.#step();
    this.#files.open--;
  }

  #expect(holds: boolean, fault: string): void {
    if (!holds) this.#files.faults.push(fault);
  }
}

/** The table and everything that was asked of it. */
class Scene {
  readonly handles = new FileHandles(limit);
  readonly files: FakeFiles;
  readonly settled: Promise<unknown>[] = [];
  #order = 0;

  constructor(step: () => Promise<void>) {
    this.files = new FakeFiles(step);
  }

  open(id: Id, kind: HandleKind, fails: boolean): Promise<unknown> {
    // Only close and the operation that the test passes in are ever called.
    const openFile = () => this.files.openOne(fails) as unknown as Promise<ServedReadHandle & PositionalWriteHandle>;
    return this.#watch(this.handles.open(id, kind, openFile));
  }

  operate(id: Id, kind: HandleKind, fails: boolean): Promise<unknown> {
    const order = this.#order++;
    const work = (file: unknown) => (file as FakeFile).operate(order, fails);
    return this.#watch(this.handles.run(id, kind, work));
  }

  close(id: Id, kind: HandleKind): Promise<unknown> {
    return this.#watch(this.handles.close(id, kind));
  }

  /** The outcome: undefined, or the error. */
  #watch(promise: Promise<unknown>): Promise<unknown> {
    const outcome = promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    this.settled.push(outcome);
    return outcome;
  }
}

/** What a client that waits for each answer must see: which IDs are open, and as what. */
type Model = Map<Id, HandleKind>;
type Command = fc.AsyncCommand<Model, Scene>;

function command(title: string, run: (model: Model, scene: Scene) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (model, scene) => {
      await run(model, scene);
      assert.equal(scene.files.faults, []);
      assert.is(scene.handles.size, model.size, title);
      assert.is(scene.files.open, model.size, title);
    },
    toString: () => title,
  };
}

const anId = fc.constantFrom(...ids);
const aKind = fc.constantFrom(...kinds);
const seldom = fc.integer({ min: 0, max: 4 }).map((value) => value === 0);

const commands = [
  fc.tuple(anId, aKind, seldom).map(([id, kind, fails]) =>
    command(`open ${id} ${kind}${fails ? ' failing' : ''}`, async (model, scene) => {
      const error = await scene.open(id, kind, fails);
      if (model.has(id)) assert.ok(hasCode(error, 'invalid_request'));
      else if (model.size >= limit) assert.ok(hasCode(error, 'limit_exceeded'));
      else if (fails) assert.instance(error, Error);
      else {
        assert.is(error, undefined);
        model.set(id, kind);
      }
    }),
  ),
  fc.tuple(anId, aKind, seldom).map(([id, kind, fails]) =>
    command(`${kind} ${id}${fails ? ' failing' : ''}`, async (model, scene) => {
      const error = await scene.operate(id, kind, fails);
      const open = model.get(id);
      if (open === undefined) assert.ok(hasCode(error, 'unknown_handle'));
      else if (open !== kind) assert.ok(hasCode(error, 'invalid_request'));
      else assert.is(error !== undefined, fails);
      if (open === kind && fails) model.delete(id);
    }),
  ),
  fc.tuple(anId, aKind).map(([id, kind]) =>
    command(`close ${id} ${kind}`, async (model, scene) => {
      const error = await scene.close(id, kind);
      const isWrongKind = model.has(id) && model.get(id) !== kind;
      assert.is(isWrongKind, hasCode(error, 'invalid_request'));
      if (!isWrongKind) model.delete(id);
    }),
  ),
];

/** One thing that a client sends without waiting. */
const request = fc.record({
  what: fc.constantFrom('open', 'open', 'operate', 'operate', 'close'),
  id: anId,
  kind: aKind,
  fails: seldom,
});

/** For a client that waits for each answer. */
export function modelProperty() {
  return fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async (sequence) => {
    const scene = new Scene(() => Promise.resolve());
    await fc.asyncModelRun(() => ({ model: new Map<Id, HandleKind>(), real: scene }), sequence);
    await scene.handles.end();
    assert.is(scene.files.open, 0);
  });
}

/** For a client that waits for none, and goes at some point. */
export function interleavingProperty() {
  return fc.asyncProperty(
    fc.scheduler(),
    fc.array(request, { maxLength: 40 }),
    fc.integer({ min: 0, max: 40 }),
    async (scheduler, requests, disconnectAt) => {
      const scene = new Scene(() => scheduler.schedule(Promise.resolve()));
      const { steps } = sendAll(scheduler, scene, requests, disconnectAt);
      await scheduler.waitFor(steps);
      await scheduler.waitFor(scene.handles.end());
      await scheduler.waitFor(Promise.all(scene.settled));
      assert.equal(scene.files.faults, []);
      assert.equal({ handles: scene.handles.size, files: scene.files.open }, { handles: 0, files: 0 });
      assert.ok(hasCode(await scene.open('a', 'read', false), 'invalid_request'));
    },
  );
}

type Request = { what: string; id: Id; kind: HandleKind; fails: boolean };

/** Requests arrive one by one while files are still busy with earlier ones; at some point the client may go. */
function sendAll(scheduler: fc.Scheduler, scene: Scene, requests: readonly Request[], disconnectAt: number) {
  const arrivals = requests.map(({ what, id, kind, fails }, index) => async () => {
    if (index === disconnectAt) void scene.handles.end();
    if (what === 'open') void scene.open(id, kind, fails);
    else if (what === 'operate') void scene.operate(id, kind, fails);
    else void scene.close(id, kind);
    assert.ok(scene.handles.size <= limit, 'the table is within its limit');
  });
  const { task } = scheduler.scheduleSequence(arrivals);
  return { steps: task.then(({ faulty }) => assert.not(faulty)) };
}
