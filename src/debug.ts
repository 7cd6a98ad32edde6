// Traces to stderr for the topics that CODEXFS_DEBUG names (`rpc,transfer`, or `all`). Never contents, never tokens.

export type DebugTopic = 'rpc' | 'transfer' | 'connect' | 'server';

/** A tracer for `topic`, or undefined when it is off, so that callers pay nothing: `trace?.(() => …)`. */
export function debug(topic: DebugTopic): ((line: () => string) => void) | undefined {
  const topics = (process.env.CODEXFS_DEBUG ?? '').split(',').map((word) => word.trim());
  if (!topics.includes(topic) && !topics.includes('all')) return undefined;
  return (line) => void process.stderr.write(`codexfs:${topic} ${line()}\n`);
}
