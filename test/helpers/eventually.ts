// Waiting for what no event announces: the state of another process.

/** Resolves as soon as `isTrue` does with true. It has no end of its own; the deadline of the test is one. */
export async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}
