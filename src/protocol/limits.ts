// Every limit of the program in one place: value, unit, reason, and what must change with it.

const KiB = 1024;
const MiB = 1024 * KiB;

const handlesPerConnection = 64;
const handlesKeptFree = 4;

export const limits = {
  /** Bytes of one chunk on the `handles` dialect as `serve` announces it. The design's figure. */
  handlesChunkBytes: 256 * KiB,
  /** Bytes of one `fs/readBlock` or `fs/writeBlock`. What released exec-servers allow; they refuse more. */
  blockBytes: 1 * MiB,
  /**
   * Bytes that a client asks one `fs/readBlock` for. As fast as a whole MiB (`npm run bench:memory` and the demo), and the
   * frames are gone before V8 takes them for long-lived: the client's peak is 85 MiB instead of 140.
   */
  blockReadBytes: 256 * KiB,
  /** Bytes of the smallest and largest chunk that a client accepts from a server's `maxChunkBytes`; others are clamped. */
  minChunkBytes: 4 * KiB,
  maxChunkBytes: 1 * MiB,

  /** Handles opening or open on one connection, `handles` dialect. The design's figure. */
  handlesPerConnection,
  /** The same for `blocks`. What released exec-servers allow. */
  blockHandlesPerConnection: 128,
  /** UTF-8 bytes of a handle ID on `blocks`. What released exec-servers allow. */
  blockHandleIdBytes: 32,
  /** UTF-8 bytes of a handle ID on `handles`: generous, and bounded so that a table of them is. */
  handleIdBytes: 256,

  /**
   * Bytes of one incoming message for a client: a 1 MiB block is 1.4 MiB of base64. What a server can make a client hold, some
   * four times over, before anything of it is checked.
   */
  clientMessageBytes: 8 * MiB,
  /** The same while a client waits for a listing: 150 000 to 400 000 entries, by the length of their names. */
  listingBytes: 24 * MiB,
  /** The same while a client waits for a whole file in one message (`bufferedClientReadBytes` as base64). */
  largestAnswerBytes: 64 * MiB,
  /** Bytes of one incoming message for `serve`: released exec-servers take one frame of 16 MiB. */
  serverMessageBytes: 16 * MiB,
  /** Characters of a path that a server may answer with: Windows' figure times three for percent-encoding; others allow 4 096. */
  pathChars: 96 * KiB,
  /** Bytes of refusals that a client lets pile up for a server that sends it requests and does not read what it answers. */
  unheardAnswerBytes: 4 * MiB,
  /** Nesting of an incoming message. serde_json's figure; nothing in the protocol needs more than 8. */
  messageDepth: 128,
  /** Bytes of a request that a client sends: real servers drop the connection somewhere above 14 MiB. */
  requestBytes: 8 * MiB,

  /** Bytes of a file that released exec-servers answer to `fs/readFile`. */
  bufferedReadBytes: 512 * MiB,
  /** The same for `serve`: its answer must fit the 64 MiB message that clients take, and its own memory. */
  servedBufferedReadBytes: 47 * MiB,
  /** Bytes of a file that a client reads by `fs/readFile`: its answer must fit `largestAnswerBytes` as base64. */
  bufferedClientReadBytes: 47 * MiB,
  /** Bytes of a file beyond which it is read through a program on the server where that is possible: memory stays flat. */
  bufferedComfortBytes: 8 * MiB,
  /** Bytes of a file that a client writes by `fs/writeFile`: base64 of it must stay below `requestBytes`. */
  bufferedClientWriteBytes: 5 * MiB,

  /** Entries, directories and depth that one `fs/walk` may ask for. What released exec-servers allow. */
  walkDepth: 64,
  walkDirectories: 10_000,
  walkEntries: 50_000,

  /** Characters of all paths of one `fs/walk` that `serve` answers before it says `truncated`: a client takes 64 MiB. */
  walkAnswerChars: 16 * MiB,

  /** WebSocket sessions that `serve` holds at once; the next upgrade is answered 503. Bounds memory and descriptors. */
  serverSessions: 256,
  /** Operations of one session that run at the same time: twice the threads that Node has for files. */
  runningOperations: 8,
  /** Requests of one session that were read and not answered, in number and bytes, before `serve` stops reading. Two of the largest messages. */
  unansweredRequests: 64,
  unansweredRequestBytes: 32 * MiB,
  /** Bytes of answers of one session that are made or not yet taken by its socket before the next operation waits. Six blocks. */
  unsentAnswerBytes: 8 * MiB,
  /** The same for all sessions together; a session that holds nothing may always make one small answer (`smallAnswerBytes`). */
  serverAnswerBytes: 256 * MiB,
  smallAnswerBytes: 2 * MiB,
  /** Milliseconds from the TCP connection to the upgrade, and from there to `initialize`. */
  upgradeTimeoutMs: 10_000,
  /** Bytes of the HTTP headers of an upgrade. */
  httpHeaderBytes: 8 * KiB,
  /** Milliseconds without one byte taken by a client that has answers waiting before it is disconnected. */
  drainTimeoutMs: 60_000,
  /** Milliseconds between two pings, and how many may go unanswered before a client counts as gone. */
  pingIntervalMs: 30_000,
  missedPings: 2,
  /** Milliseconds that `serve` waits for running operations when it is told to stop; it must be gone within two seconds. */
  shutdownMs: 1_200,
  /** Symbolic links that one path below `--root` may lead through. Linux's own figure. */
  symlinksInPath: 40,

  /** Bytes that a file may grow by while it is copied before the copy stops: it fails in any case, and an endless file would fill the disk. */
  sourceGrowthBytes: 64 * MiB,
  /** Directories below one another in a tree that is copied: deeper than any path can be, so only a lying server gets there. */
  treeDepth: 1_000,
  /** Directories whose listings are asked for at once. */
  listingsInFlight: 16,
  /** Entries of a tree that are looked at ahead of their turn, so that the directories among them are made at once. */
  directoriesInFlight: 256,
  /** Requests of one connection that wait for answers. A real exec-server (0.169) stops reading for good, now and then with 400 of them. */
  requestsInFlight: 256,
  /** Paths that are asked about at once. */
  statsInFlight: 128,

  /** Bytes of a file that is read and written whole, in one request at each remote end, without a handle: what one chunk holds. */
  smallFileBytes: 256 * KiB,
  /** Bytes of such files that are asked for or sent and not answered. Less is slower at 50 ms (200 MiB in 1 000 files: 2.0 s with 8 MiB, 1.4 with 16), more is held at once. */
  smallBytesInFlight: 16 * MiB,
  /** Directories below the destination of a recursive copy that stay open though nothing is under way in them: a walk returns to few. */
  heldDirectories: 16,
  /**
   * Files that are copied at a time unless -j says otherwise: those that hold handles, at first and at most while they take hardly
   * more than their round trips (some are left for a second look at something), and small ones without.
   */
  filesInFlight: 8,
  filesInFlightAtMost: handlesPerConnection - handlesKeptFree,
  smallFilesInFlight: 256,
  /** Files and directories of a tree that are listed before it is their turn. Some 10 MiB. */
  jobsAhead: 10_000,

  /** Bytes that a transfer, or all those of one run together, may have asked for and not yet written. Memory of a copy is this, `smallBytesInFlight`, and a constant. */
  windowBytes: 64 * MiB,

  /** Milliseconds to reach a server, and then to shake hands with it. */
  connectTimeoutMs: 10_000,
  initializeTimeoutMs: 10_000,
  /** Milliseconds without an answer to any request before the server counts as gone. */
  idleTimeoutMs: 60_000,
  /** How often a request is sent to a server that answers "overloaded, retry later", and the milliseconds of the first pause at most. */
  overloadTries: 5,
  overloadPauseMs: 100,

  /** Bytes of what a program on the server prints that are kept until somebody takes them: two chunks and slack. */
  processOutputBytes: 4 * MiB,
  /** Characters of all arguments of one program on the server: macOS allows 1 MiB with the environment, and Linux 128 KiB for one. */
  processArgumentChars: 64 * KiB,
  /** Files that one program on the server is asked about. */
  processFiles: 256,
  /** Directories whose files one program on the server tells the sizes of: some 60 000 files in all fit `processOutputBytes`. */
  processDirectories: 16,
  /** Milliseconds without a word of a program before its server is asked whether it is there. */
  processPollMs: 10_000,
  /** Files whose attributes are set in one go. Some 1 MiB of memory. */
  attributesKept: 2_000,

  /**
   * How often a file is tried again after its connection was lost, and how often in a row a connection is tried again, unless
   * --retries says otherwise. As rclone does: who copies for hours does not want to begin again for a moment without a network.
   */
  retries: 3,
  /** Milliseconds before the first attempt to reconnect, doubled for each next one, and at most. */
  reconnectMs: 500,
  reconnectMaxMs: 20_000,
  /** Milliseconds that ^C waits for writes in flight and for handles to close. */
  cancelSettleMs: 2_000,
  /** Milliseconds a spawned server has between SIGTERM and SIGKILL. */
  childKillMs: 2_000,

  /** Characters of text from a peer that is shown: names, messages, reasons. */
  shownTextChars: 4096,
} as const;
