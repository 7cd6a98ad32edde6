// One way in which a server misbehaves, what codexfs is asked to do with it, and the exit statuses that are right then.

import type { Socket } from 'node:net';
import type { Script } from '../../helpers/evilServer.js';

export interface Behaviour {
  readonly title: string;
  /** `down` copies `/f`, `up` copies a file there, `tree` copies `/dir` down, `verified` is `up` with --verify. Default `down`. */
  readonly command?: 'down' | 'up' | 'tree' | 'verified' | 'ls';
  /** What differs from a server that does everything right, which is given. */
  readonly script?: (honest: Script) => Script;
  /** A server that speaks before or instead of WebSockets. */
  readonly converse?: (socket: Socket) => void;
  /** The body of a Node program that is the server, over stdio. */
  readonly program?: string;
  readonly statuses: readonly number[];
}

/** Whether `socket` takes more; calls `send` again and again as long as it does, until it is gone. */
export function pour(send: () => boolean): void {
  const more = () => {
    for (let count = 0; count < 64; count++) if (!send()) break;
    timer = setTimeout(more, 1);
    timer.unref();
  };
  let timer: NodeJS.Timeout;
  more();
}
