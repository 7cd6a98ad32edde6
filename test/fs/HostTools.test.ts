// What a host tells through programs, when the server that runs them does not tell all.

import * as assert from 'uvu/assert';
import { ProtocolError } from '../../src/errors.js';
import { HostTools } from '../../src/fs/HostTools.js';
import { describe, rejection } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { scriptedShell } from '../helpers/scriptedShell.js';

const hash = 'a'.repeat(64);

/** The `count`-th program prints a line and ends, and all but the line is told where it is `lost`. */
async function runs(shell: ReturnType<typeof scriptedShell>, count: number, isLost: boolean): Promise<void> {
  const processId = `codexfs-${count}`;
  await eventually(async () => shell.peer.paramsOf('process/start').length === count);
  const chunk = Buffer.from(`${hash}\n`).toString('base64');
  if (!isLost) await shell.peer.notify('process/output', { processId, stream: 'stdout', chunk, seq: 1 });
  await shell.peer.notify('process/exited', { processId, exitCode: 0, seq: 2 });
  await shell.peer.notify('process/closed', { processId, seq: 3 });
}

describe('what a host tells through programs', (test) => {
  test('is asked for once more where the server lost a part of it', async () => {
    const shell = scriptedShell();
    const asked = new HostTools(shell.programs).hashFiles(['/a'], {});
    await runs(shell, 1, true);
    await runs(shell, 2, false);
    assert.equal(await asked, new Map([['/a', hash]]));
  });

  test('is given up where it is lost again', async () => {
    const shell = scriptedShell();
    const failure = rejection(new HostTools(shell.programs).hashFiles(['/a'], {}), ProtocolError);
    await runs(shell, 1, true);
    await runs(shell, 2, true);
    assert.match((await failure).message, /lost a part/);
    assert.is(shell.peer.paramsOf('process/start').length, 2);
  });
});
