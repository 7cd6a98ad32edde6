// The interface behind which sockets, pipes and the in-memory pair live: messages in, messages out, one end.

/** Why a transport ended. The first reason wins; later ones are not reported. */
export interface CloseReason {
  /** In words, for people: "the server closed the connection (1006)". */
  readonly text: string;
  /** The failure underneath, where there is one. */
  readonly cause?: unknown;
  /** Whether this side asked for it. */
  readonly local: boolean;
  /** Whether it came of a message that is larger than this side takes. */
  readonly isTooLarge?: boolean;
}

/** How an end is announced to the peer, where the channel has words for it (RFC 6455 section 7.4). */
export type CloseKind = 'normal' | 'going_away' | 'policy' | 'overloaded';

/** What a transport tells its owner. Neither is called before `start` nor after `closed`. */
export interface TransportListener {
  /** One whole message: the UTF-8 bytes of one JSON text. Its memory may be used again as soon as this returns. */
  message(frame: Buffer): void;
  /** The end, exactly once. Messages that arrived before it were delivered before it. */
  closed(reason: CloseReason): void;
}

/** A two-way channel of whole messages that is open when it is handed out. */
export interface Transport {
  /** What the other side said beside the protocol, in words; where the channel has room for such, and so far. */
  readonly asides?: string | undefined;
  /** Begins delivery; called once. Nothing is lost between the opening and this call. */
  start(listener: TransportListener): void;
  /** Queues one message, whose memory is the transport's until it resolves, and may be changed. Resolves when the operating system has taken it, or when the transport has closed; never rejects. */
  send(frame: Buffer): Promise<void>;
  /** Bytes queued by `send` that the operating system has not yet taken. */
  readonly queuedBytes: number;
  /**
   * Tells the peer's operating system that all has come so far, where it may wait for that before it sends more (servers that
   * do not set TCP_NODELAY, and this system's delayed acknowledgements: 40 ms). Absent where nothing waits.
   */
  acknowledge?(): void;
  /** Stops and resumes delivery, so that a peer that sends faster than it is served waits in its own socket. */
  pause(): void;
  resume(): void;
  /** From now on a message of more than `maxBytes` bytes ends the channel, before it is whole. Absent where messages come whole. */
  limitMessages?(maxBytes: number): void;
  /** Ends the channel for `reason`; resolves when it is gone. Idempotent; the first reason wins. */
  close(reason: string, kind?: CloseKind): Promise<void>;
}
