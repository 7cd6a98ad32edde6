// F10 to F12, F39 to F46, F52: signals to the program and to its server at any time, and two programs at one file.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { contentOf } from '../../helpers/content.js';
import { descriptorsBelow } from '../../helpers/processes.js';
import { codexfsProgram, type TestServer } from '../../helpers/servers.js';
import { forEachOf } from '../forEachOf.js';
import { type CopyOptions, type Ground, type Journey, type Leg, nameOf, runWords, startServer } from '../Ground.js';
import type { Row, Tally } from '../Row.js';
import { randomOf } from '../random.js';
import { everyWay, journeysOver } from './cuts.js';
import { measure } from './measure.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A copy that takes most of a second, so that signals meet every part of it. */
const slow: CopyOptions = { sizeBytes: 400_000, network: { bytesPerSecond: 1_500_000 }, chunk: '64K' };

export function processRows(ground: Ground): Row[] {
  const processes = new Processes(ground);
  const journeys = journeysOver('serve', 'codex');
  return [
    ...journeys.map((journey) => ({
      id: 'F10',
      fault: 'the server is killed at every message',
      where: nameOf(journey),
      run: (tally: Tally) => processes.server(tally, journey, 'SIGKILL'),
    })),
    ...journeys.slice(0, 4).map((journey) => ({
      id: 'F11',
      fault: 'the server is told to end at every message',
      where: nameOf(journey),
      run: (tally: Tally) => processes.server(tally, journey, 'SIGTERM'),
    })),
    ...journeys.map((journey) => ({
      id: 'F08',
      fault: 'the server is stopped (SIGSTOP) at 4 messages',
      where: nameOf(journey),
      run: (tally: Tally) => processes.stopped(tally, journey),
    })),
    ...(['serve', 'codex'] as const).flatMap((server) =>
      (['up', 'down'] as const).map((direction) => ({
        id: 'F10',
        fault: 'the child is killed, or cut, at every message',
        where: nameOf({ direction, server, way: 'stdio' }),
        run: (tally: Tally) => processes.child(tally, { direction, server, way: 'stdio' }),
      })),
    ),
    ...everyWay.flatMap((way) =>
      signals.map((signal) => ({
        id: signal === 'SIGINT' ? 'F39' : 'F41',
        fault: `${signal} at 25 random times`,
        where: nameOf({ ...way, server: 'serve' }),
        run: (tally: Tally) => processes.signal(tally, { ...way, server: 'serve' }, signal, 25),
      })),
    ),
    {
      id: 'F40',
      fault: 'SIGINT twice, 50 ms apart, over a black hole',
      where: 'up ws serve',
      run: (tally: Tally) => processes.silent(tally, { direction: 'up', server: 'serve' }, 2),
    },
    {
      id: 'F42',
      fault: 'SIGINT while the server is silent',
      where: 'down ws serve',
      run: (tally: Tally) => processes.silent(tally, { direction: 'down', server: 'serve' }, 1),
    },
    ...(['up', 'down'] as const).map((direction) => ({
      id: 'F45',
      fault: 'the program is killed (SIGKILL): the server lets go',
      where: `${direction} ws serve`,
      run: (tally: Tally) => processes.signal(tally, { direction, server: 'serve' as const }, 'SIGKILL', 6),
    })),
    {
      id: 'F43',
      fault: 'the reader of stdout goes away',
      where: 'cat, ls',
      run: (tally: Tally) => processes.noReader(tally),
    },
    {
      id: 'F44',
      fault: 'stdout or stderr closed or full',
      where: 'up, down',
      run: (tally: Tally) => processes.noStreams(tally),
    },
    {
      id: 'F52',
      fault: 'two copies to one destination at a time',
      where: 'up ws serve',
      run: (tally: Tally) => processes.together(tally),
    },
  ];
}

class Processes {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** `signal` to a server of its own when a message is on its way, each in turn (F46: the answer to the opening among them). */
  async server(tally: Tally, journey: Journey, signal: NodeJS.Signals): Promise<void> {
    const { messages } = await measure(this.#ground, journey);
    for (let message = 1; message <= messages.down; message++) {
      await this.#withOwnServer(journey, async (server, options) => {
        const tap = strikeAt(message, () => process.kill(server.pid ?? -1, signal));
        const run = await this.#ground.copy(journey, { ...options, tap, hasOld: message % 2 === 0 });
        tally.judge(`answer ${message}`, run, { statuses: [10, 7, 0] });
      });
    }
  }

  async stopped(tally: Tally, journey: Journey): Promise<void> {
    const { messages } = await measure(this.#ground, journey);
    for (const message of [1, 3, Math.ceil(messages.down / 2), messages.down]) {
      await this.#withOwnServer(journey, async (server, options) => {
        const tap = strikeAt(message, () => process.kill(server.pid ?? -1, 'SIGSTOP'));
        const words = ['--timeout', '300ms', '--connect-timeout', '300ms'];
        const run = await this.#ground.copy(journey, { ...options, tap, words });
        tally.judge(`answer ${message}`, run, { statuses: [10, 7, 0] });
      });
    }
  }

  async child(tally: Tally, journey: Journey): Promise<void> {
    const { messages } = await measure(this.#ground, { ...journey, way: 'ws' });
    const strikes = Array.from({ length: messages.down }, (_, i) => i + 1).flatMap((message) =>
      (['cut', 'reset'] as const).map((act) => ({ direction: 'down' as const, act, message })),
    );
    await forEachOf(strikes, 2, async (fault) => {
      const run = await this.#ground.copy(journey, { faults: [fault], isServerLost: true });
      tally.judge(JSON.stringify(fault), run, { statuses: [10, 7, 0] });
    });
  }

  /**
   * The program itself, with a signal after a random time: one in five from its start, the others from its first message, as
   * most of a short run is the start. What it reports is compared when the server has let go.
   */
  async signal(tally: Tally, journey: Journey, signal: NodeJS.Signals, count: number): Promise<void> {
    const random = randomOf(count + signal.length + nameOf(journey).length);
    const times = Array.from({ length: count }, (_, i) => ({ ms: random(450), isFromStart: i % 5 === 0 }));
    await forEachOf(times, 2, async ({ ms, isFromStart }) => {
      const first = gate();
      const when = () => (isFromStart ? pause(ms) : first.opened.then(() => pause(ms)));
      const options = {
        ...slow,
        hasOld: ms % 2 === 0,
        tap: strikeAt(1, first.open),
        real: { signalWhen: { signal, when } },
      };
      const run = await this.#ground.copy(journey, options);
      const label = `${signal} after ${ms} ms${isFromStart ? ' from the start' : ''}`;
      // Nobody can report its own death by SIGKILL, so only the server is looked at.
      if (signal === 'SIGKILL') tally.check(label, run.status);
      else tally.judge(label, run, { statuses: [signal, 0] });
    });
  }

  /** The program waits for a server that is not heard any more, and must not wait for its deadline, which is a minute. */
  async silent(tally: Tally, journey: Journey, times: 1 | 2): Promise<void> {
    const { messages } = await measure(this.#ground, journey);
    for (const message of [3, 5, messages.down]) {
      const hole = gate();
      const tap = strikeAt(message, hole.open);
      const faults = [{ direction: 'down' as const, act: 'hole' as const, message }];
      const once = { signal: 'SIGINT' as const, when: () => hole.opened.then(() => pause(100)) };
      const signalWhen = times === 1 ? once : { ...once, again: () => pause(50) };
      const run = await this.#ground.copy(journey, { tap, faults, real: { signalWhen, deadlineMs: 30_000 } });
      tally.judge(`silent at ${message}`, run, { statuses: ['SIGINT', 0] });
    }
  }

  async noReader(tally: Tally): Promise<void> {
    const server = await this.#ground.server('serve');
    const folder = await this.#ground.folder();
    await writeFile(`${folder}/a`, contentOf(3_000_000));
    for (const command of [`cat box:${folder}/a`, `cp box:${folder}/a -`, `ls box:/usr/bin`]) {
      const line = `"${process.execPath}" "${codexfsProgram}" --remote box=${server.remote} ${command} | head -c 1 >/dev/null`;
      const { status, stderr } = await bash(`${line}; exit \${PIPESTATUS[0]}`);
      const isQuiet = stderr === '' ? undefined : `it said: ${stderr}`;
      // What fits into the pipe may be written before the reader is gone.
      tally.check(command, status, [status === 141 || status === 0 ? undefined : `ended with ${status}`, isQuiet]);
      const held = await descriptorsBelow(server.pid ?? -1, folder);
      if (held.length > 0) await pause(500);
    }
  }

  async noStreams(tally: Tally): Promise<void> {
    const server = await this.#ground.server('serve');
    const folder = await this.#ground.folder();
    const content = contentOf(90_000);
    await writeFile(`${folder}/a`, content);
    for (const redirection of ['2>&-', '>&-', '>&- 2>&-', '2>/dev/full', '>/dev/full', '<&-']) {
      for (const [from, to] of [
        [`box:${folder}/a`, `${folder}/down`],
        [`${folder}/a`, `box:${folder}/up`],
      ]) {
        const program = `"${process.execPath}" "${codexfsProgram}"`;
        const { status } = await bash(`${program} --remote box=${server.remote} cp -v ${from} ${to} ${redirection}`);
        const copied = await readFile((to ?? '').replace('box:', '')).catch(() => Buffer.alloc(0));
        const problem = status === 0 && copied.equals(content) ? undefined : `ended with ${status}`;
        tally.check(`${redirection} ${from}`, status, [problem]);
      }
    }
  }

  /** Of two that write different lengths at least one notices; what both call done is what one of them wrote. */
  async together(tally: Tally): Promise<void> {
    const server = await this.#ground.server('serve');
    for (const [first, second] of [
      [contentOf(3_000_000, 1), contentOf(3_000_000, 1)],
      [contentOf(3_000_000, 1), contentOf(2_000_000, 2)],
    ] as const) {
      const folder = await this.#ground.folder();
      await writeFile(`${folder}/one`, first);
      await writeFile(`${folder}/two`, second);
      const runs = await Promise.all(
        ['one', 'two'].map((name) =>
          runWords(['--remote', `box=${server.remote}`, 'cp', `${folder}/${name}`, `box:${folder}/to`], {}),
        ),
      );
      const held = await readFile(`${folder}/to`);
      const isOne = held.equals(first) || held.equals(second);
      const isBothDone = runs.every(({ status }) => status === 0);
      const statuses = runs.map(({ status }) => status).join('+');
      tally.check('together', statuses, [isBothDone && !isOne ? 'both are done and neither is there' : undefined]);
    }
  }

  async #withOwnServer(journey: Journey, work: (server: TestServer, options: CopyOptions) => Promise<void>) {
    await using server = await startServer(journey.server, 'ws');
    const leg: Leg = journey.direction === 'up' ? 'to' : journey.direction === 'down' ? 'from' : (journey.leg ?? 'to');
    await work(server, { servers: { [leg]: server }, isServerLost: true });
  }
}

/** Does `work` when answer `message` is on its way. */
function strikeAt(message: number, work: () => void): NonNullable<CopyOptions['tap']> {
  return ({ direction, number }) => {
    if (direction === 'down' && number === message) work();
    return undefined;
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function bash(script: string): Promise<{ status: number; stderr: string }> {
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  child.stdout.resume();
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? -1, stderr };
}

/** Something to wait for, and what makes it so. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
