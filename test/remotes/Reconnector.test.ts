// Connecting again: how often, when not, and what is said in the end. Over servers that are functions.

import * as assert from 'uvu/assert';
import {
  CancelledError,
  type CodexfsError,
  ConnectError,
  ConnectionClosedError,
  ProtocolError,
  ReconnectError,
  TimeoutError,
} from '../../src/errors.js';
import type { RemoteSession } from '../../src/fs/Sessions.js';
import { Reconnector, type RetryNews, type RetryOptions } from '../../src/remotes/Reconnector.js';
import { describe, rejection } from '../helpers/describe.js';

const refused = () => new ConnectError('connect', 'ws://x', 'cannot connect to ws://x: connection refused');

/** What of a session matters here. */
function session(endedBy: CodexfsError = new ConnectionClosedError('the server went away'), answeredCount = 0) {
  return { connection: { endedBy, answeredCount } } as unknown as RemoteSession;
}

/** A reconnector whose attempts end with `outcomes` in turn, and what it told. */
function reconnector(outcomes: (RemoteSession | Error)[], options: Partial<RetryOptions> = {}) {
  const told: RetryNews[] = [];
  const connect = async () => {
    const outcome = outcomes.shift();
    if (outcome === undefined) throw new Error('one attempt too many');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const onRetry = (news: RetryNews) => told.push(news);
  return { told, outcomes, reconnector: new Reconnector(connect, { retries: 2, onRetry, ...options }) };
}

describe('Reconnector', (test) => {
  test('tries until it is connected, and tells of each attempt', async () => {
    const [first, next] = [session(), session()];
    const { told, reconnector: again } = reconnector([refused(), next]);
    assert.is(await again.renew(first), next);
    assert.equal(
      told.map(({ attempt, retries, error }) => [attempt, retries, error.message]),
      [
        [1, 2, 'the server went away'],
        [2, 2, 'cannot connect to ws://x: connection refused'],
      ],
    );
    // Half of the pause at least, and never more.
    assert.ok(told.every(({ delayMs, attempt }) => delayMs >= 250 * attempt && delayMs <= 500 * attempt));
  });

  test('gives up after so many attempts, and says how it began and how it ended', async () => {
    const { reconnector: again } = reconnector([refused(), refused()]);
    const error = await rejection(again.renew(session()), ReconnectError);
    assert.is(
      error.message,
      'the server went away; 2 attempts to reconnect failed: cannot connect to ws://x: connection refused',
    );
    assert.is(error.code, 'connection_closed');
  });

  test('counts on when a session was of no use, and anew when something was answered', async () => {
    const useless = Array.from({ length: 2 }, () => session());
    const { reconnector: again } = reconnector([...useless]);
    const [first = session(), second = session()] = useless;
    assert.is(await again.renew(session()), first);
    assert.is(await again.renew(first), second);
    await rejection(again.renew(second), ReconnectError);
    const useful = Array.from({ length: 3 }, () => session(undefined, 0));
    const other = reconnector([...useful]).reconnector;
    for (const next of useful) assert.is(await other.renew(session(undefined, 7)), next);
  });

  test('tries nothing after a server that broke the protocol', async () => {
    const broken = new ProtocolError('message', 'the server broke the protocol');
    const { told, reconnector: again } = reconnector([]);
    assert.is(await rejection(again.renew(session(broken))), broken);
    assert.equal(told, []);
  });

  test('tries again after a silent server only when it is told to', async () => {
    const silent = session(new TimeoutError('fs/readBlock', 60_000));
    await rejection(reconnector([]).reconnector.renew(silent), TimeoutError);
    const next = session();
    assert.is(await reconnector([next], { isInsistent: true }).reconnector.renew(silent), next);
  });

  test('tries a first connection again only when it is told to, and fails with its failure', async () => {
    const refusal = refused();
    assert.is(await rejection(reconnector([refusal]).reconnector.first()), refusal);
    const last = refused();
    const insistent = reconnector([refused(), refused(), last], { isInsistent: true });
    assert.is(await rejection(insistent.reconnector.first()), last);
    assert.is(insistent.told.length, 2);
  });

  test('does not try again where it was refused for who it is', async () => {
    const refusal = new ConnectError('authenticate', 'ws://x', 'no');
    assert.is(await rejection(reconnector([refusal]).reconnector.renew(session())), refusal);
  });

  test('stops waiting when it is cancelled', async () => {
    const controller = new AbortController();
    const { reconnector: again, outcomes } = reconnector([session()], { signal: controller.signal });
    const renewing = again.renew(session());
    controller.abort(new CancelledError('SIGINT'));
    await rejection(renewing, CancelledError);
    assert.is(outcomes.length, 1);
  });
});
