// F45 and F54 to F58: what `codexfs serve` must outlive: clients that vanish or sit there, ports that are taken, no stdout, no home.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { serve } from '../../../src/server/serve.js';
import { contentOf } from '../../helpers/content.js';
import { servedClient } from '../../helpers/servedClients.js';
import { codexfsProgram } from '../../helpers/servers.js';
import { faultProxy } from '../faultProxy.js';
import { type Ground, runWords } from '../Ground.js';
import type { Row, Tally } from '../Row.js';

export function servingRows(ground: Ground): Row[] {
  const serving = new Serving(ground);
  const row = (id: string, fault: string, run: (tally: Tally) => Promise<void>): Row => ({
    id,
    fault,
    where: 'serve',
    run,
  });
  return [
    row('F45', 'a client behind a black hole, no FIN', (tally) => serving.vanished(tally)),
    row('F54', 'a client that opens and does nothing', (tally) => serving.idle(tally)),
    row('F56', 'a port in use, a bad address, an open door', (tally) => serving.cannotListen(tally)),
    row('F57', 'stdout is closed behind the URL', (tally) => serving.odd(tally, 'URL')),
    row('F58', 'no working directory, no HOME, an odd TZ', (tally) => serving.odd(tally, 'environment')),
  ];
}

class Serving {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Two missed pings, and its handles are closed; nothing else tells the server. */
  async vanished(tally: Tally): Promise<void> {
    await using server = await serve({ allowedHosts: ['127.0.0.1'], deadlines: { pingIntervalMs: 50 } });
    const folder = await this.#ground.folder();
    await writeFile(`${folder}/a`, contentOf(90_000));
    const faults = [{ direction: 'up' as const, act: 'hole' as const, message: 6 }];
    await using proxy = await faultProxy({ target: server.url ?? '', faults });
    const words = [
      '--timeout',
      '20s',
      '--remote',
      `box=${proxy.url}`,
      'cp',
      '--chunk',
      '32K',
      `box:${folder}/a`,
      `${folder}/b`,
    ];
    const client = runWords(words);
    while (server.sessions === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    while (server.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    tally.check('gone', 'gone', [server.openHandles === 0 ? undefined : `${server.openHandles} handles are left`]);
    proxy.cut();
    await client;
  }

  async idle(tally: Tally): Promise<void> {
    const folder = await this.#ground.folder();
    await writeFile(`${folder}/a`, 'x');
    await using served = await servedClient('WebSocket', { deadlines: { pingIntervalMs: 20 } });
    await served.client.call('fs/readFile/open', { handleId: 'h', path: `${folder}/a` });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const problem = served.server.openHandles === 1 ? undefined : 'the handle of a client that answers pings is gone';
    tally.check('idle', 'kept', [problem]);
  }

  async cannotListen(tally: Tally): Promise<void> {
    await using taken = await serve();
    for (const [address, expected] of [
      [taken.url ?? '', 7],
      ['ws://nowhere', 2],
      ['http://127.0.0.1:0', 2],
      ['ws://0.0.0.0:0', 2],
    ] as const) {
      const { status, stderr } = await runWords(['serve', '--listen', address], {});
      tally.check(address, status, [status === expected ? undefined : `ended with ${status}: ${stderr}`]);
    }
  }

  /** A server that has lost something that it does not need goes on serving. */
  async odd(tally: Tally, what: 'URL' | 'environment'): Promise<void> {
    const folder = await this.#ground.folder();
    const cwd = `${folder}/gone`;
    await mkdir(cwd);
    const env = what === 'URL' ? process.env : { PATH: process.env.PATH, TZ: 'Nowhere/Odd' };
    const words = [codexfsProgram, 'serve', '--allow-host', '127.0.0.1'];
    const child = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    const [url] = (await once(child.stdout, 'data')) as [Buffer];
    child.stdout.destroy();
    await rm(cwd, { recursive: true });
    const content = contentOf(90_000);
    await writeFile(`${folder}/a`, content);
    const { status, stderr } = await runWords([
      '--remote',
      `box=${url.toString().trim()}`,
      'cp',
      `box:${folder}/a`,
      `box:${folder}/b`,
    ]);
    const isRight = status === 0 && content.equals(await readFile(`${folder}/b`));
    child.kill();
    const [code] = (await once(child, 'exit')) as [number];
    tally.check(what, status, [isRight ? undefined : stderr, code === 0 ? undefined : `serve ended with ${code}`]);
  }
}
