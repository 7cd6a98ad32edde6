// What `codexfs help` can tell about besides commands. The texts are in topics.ts, loaded when one is asked for.

export const topicNames = ['locations', 'remotes', 'filters', 'options', 'json', 'exit-codes'] as const;

export type TopicName = (typeof topicNames)[number];
