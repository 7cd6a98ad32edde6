// What a test file tells the runner over IPC, so that the runner need not believe an exit status.

export type TestRecord =
  | { readonly type: 'registered'; readonly title: string }
  | { readonly type: 'started'; readonly title: string }
  | { readonly type: 'passed'; readonly title: string }
  | { readonly type: 'failed'; readonly title: string; readonly text: string }
  | { readonly type: 'skipped'; readonly title: string; readonly reason: string }
  /** Every test is over and the process still does not end. */
  | { readonly type: 'leaked'; readonly resources: readonly string[] };

/** Sends `record` to the runner; without one (a file started by hand) uvu's own output has to do. */
export function report(record: TestRecord): void {
  process.send?.(record);
}
