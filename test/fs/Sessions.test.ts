// Work that outlives its connection, and work that no connection survives. Over sessions that are values.

import * as assert from 'uvu/assert';
import { type CodexfsError, ConnectionClosedError, ProtocolError, ReconnectError } from '../../src/errors.js';
import { type RemoteSession, Sessions } from '../../src/fs/Sessions.js';
import { describe, rejection } from '../helpers/describe.js';

/** A session whose connection ends when it is told to. */
class MortalSession {
  readonly connection: { endedBy: CodexfsError | undefined } = { endedBy: undefined };

  /** Ends the connection by `error`, and fails with it. */
  end(error: CodexfsError): never {
    this.connection.endedBy = error;
    throw error;
  }
}

/** Sessions that are made again as often as need be, and how often that was. */
function sessions(retries: number) {
  const made: MortalSession[] = [];
  const make = () => {
    const session = new MortalSession();
    made.push(session);
    return session as unknown as RemoteSession;
  };
  return { made, sessions: new Sessions(make(), { retries, renew: async () => make() }) };
}

const lost = () => new ConnectionClosedError('the line was cut');

describe('Sessions', (test) => {
  test('do again in another session what has lost its own', async () => {
    const { made, sessions: all } = sessions(2);
    const work = async (session: unknown) => (made.length < 3 ? (session as MortalSession).end(lost()) : made.length);
    assert.is(await all.repeat(work), 3);
  });

  test('give up what loses each of them', async () => {
    const { made, sessions: all } = sessions(2);
    const deadly = async (session: unknown) => (session as MortalSession).end(lost());
    const error = await rejection(all.repeat(deadly), ReconnectError);
    assert.equal([error.message, made.length], ['the line was cut, 3 times for the same request', 3]);
    // What comes after it has as many tries of its own.
    await rejection(all.repeat(deadly), ReconnectError);
    assert.is(made.length, 6);
  });

  test('do nothing again that failed otherwise', async () => {
    const { made, sessions: all } = sessions(2);
    const broken = new ProtocolError('message', 'nonsense');
    const work = async (session: unknown) => (session as MortalSession).end(broken);
    assert.is(await rejection(all.repeat(work)), broken);
    assert.is(made.length, 1);
  });
});
