// Every limit of the program in one place: value, unit, reason, and what must change with it.

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** Bytes of one chunk on the `handles` dialect as `serve` announces it. The design's figure. */
  handlesChunkBytes: 256 * KiB,
  /** Bytes of one `fs/readBlock` or `fs/writeBlock`. What released exec-servers allow; they refuse more. */
  blockBytes: 1 * MiB,
  /** Bytes of the smallest and largest chunk that a client accepts from a server's `maxChunkBytes`; others are clamped. */
  minChunkBytes: 4 * KiB,
  maxChunkBytes: 1 * MiB,

  /** Handles opening or open on one connection, `handles` dialect. The design's figure. */
  handlesPerConnection: 64,
  /** The same for `blocks`. What released exec-servers allow. */
  blockHandlesPerConnection: 128,
  /** UTF-8 bytes of a handle ID on `blocks`. What released exec-servers allow. */
  blockHandleIdBytes: 32,
  /** UTF-8 bytes of a handle ID on `handles`: generous, and bounded so that a table of them is. */
  handleIdBytes: 256,

  /** Bytes of one incoming message for a client: a 1 MiB block is 1.4 MiB of base64, a listing of 50 000 entries about 10 MiB. */
  clientMessageBytes: 64 * MiB,
  /** Bytes of one incoming message for `serve`: released exec-servers take one frame of 16 MiB. */
  serverMessageBytes: 16 * MiB,
  /** Nesting of an incoming message. serde_json's figure; nothing in the protocol needs more than 8. */
  messageDepth: 128,
  /** Bytes of a request that a client sends: real servers drop the connection somewhere above 14 MiB. */
  requestBytes: 8 * MiB,

  /** Bytes of a file that `fs/readFile` may answer. What released exec-servers allow. */
  bufferedReadBytes: 512 * MiB,
  /** Bytes of a file that a client reads by `fs/readFile`: its answer must fit `clientMessageBytes` as base64. */
  bufferedClientReadBytes: 47 * MiB,
  /** Bytes of a file that a client writes by `fs/writeFile`: base64 of it must stay below `requestBytes`. */
  bufferedClientWriteBytes: 5 * MiB,

  /** Entries, directories and depth that one `fs/walk` may ask for. What released exec-servers allow. */
  walkDepth: 64,
  walkDirectories: 10_000,
  walkEntries: 50_000,

  /** Bytes that a transfer may have asked for and not yet written. Memory of a copy is this plus a constant. */
  windowBytes: 64 * MiB,

  /** Milliseconds to reach a server, and then to shake hands with it. */
  connectTimeoutMs: 10_000,
  initializeTimeoutMs: 10_000,
  /** Milliseconds without an answer to any request before the server counts as gone. */
  idleTimeoutMs: 60_000,
  /** Milliseconds that ^C waits for writes in flight and for handles to close. */
  cancelSettleMs: 2_000,
  /** Milliseconds a spawned server has between SIGTERM and SIGKILL. */
  childKillMs: 2_000,

  /** Characters of text from a peer that is shown: names, messages, reasons. */
  shownTextChars: 4096,
} as const;
