// How one request is made, besides its method and params.

/** For one request. */
export interface RequestOptions {
  /** Rejects the call at once with the signal's reason; its late answer is dropped. */
  readonly signal?: AbortSignal | undefined;
  /** Replaces the connection's `idleTimeoutMs` for this request. */
  readonly timeoutMs?: number | undefined;
  /** Whether the request may be sent again when the server was too busy to do it; asked at that time. Always by default. */
  readonly mayRepeat?: (() => boolean) | undefined;
  /** Bytes of the answer, where it may be larger than any other message. */
  readonly maxAnswerBytes?: number | undefined;
}
