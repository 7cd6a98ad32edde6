// One table of every method on the wire: the schema of its params and result. Types, run-time checks and schema/*.json
// come from it. It describes shapes only; what the methods do is in docs/PROTOCOL.md.

import * as v from 'valibot';
import { decodeBase64 } from './base64.js';

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.safeInteger());
const path = v.string();
const handleId = v.string();
/** Always null here: platform sandboxes are not supported, and the server refuses any other value before this check. */
const sandbox = v.nullish(v.unknown());
const nothing = v.object({});

/** Base64 on the wire, a Buffer inside. */
const chunk = v.pipe(
  v.string(),
  v.metadata({ contentEncoding: 'base64' }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const decoded = decodeBase64(dataset.value);
    if (decoded !== undefined) return decoded;
    addIssue({ message: 'invalid base64' });
    return NEVER;
  }),
);

const environmentInfo = v.object({
  executorVersion: v.nullish(v.string()),
  platformOs: v.nullish(v.string()),
  cwd: v.nullish(v.string()),
  userHomeDir: v.nullish(v.string()),
  shell: v.nullish(v.object({ name: v.nullish(v.string()), path: v.nullish(v.string()) })),
  capabilities: v.nullish(v.record(v.string(), v.unknown())),
});

const metadata = v.object({
  isDirectory: v.boolean(),
  isFile: v.boolean(),
  isSymlink: v.optional(v.boolean(), false),
  size: v.nullish(bytes),
  createdAtMs: milliseconds,
  modifiedAtMs: milliseconds,
});

const directoryEntry = v.object({
  fileName: v.string(),
  isDirectory: v.boolean(),
  isFile: v.boolean(),
  /** Told by `codexfs serve` only. */
  isSymlink: v.optional(v.boolean()),
});

const walkOptions = v.object({
  maxDepth: bytes,
  maxDirectories: bytes,
  maxEntries: bytes,
  followDirectorySymlinks: v.boolean(),
});
const walkEntry = v.object({ path, kind: v.string() });
const walkFailure = v.object({ path: v.optional(path), message: v.optional(v.string()) });

export const methods = {
  // the session
  initialize: {
    params: v.object({
      clientName: v.optional(v.string()),
      clientInfo: v.optional(
        v.object({ name: v.string(), title: v.nullish(v.string()), version: v.optional(v.string()) }),
      ),
    }),
    result: v.object({
      sessionId: v.optional(v.string()),
      environmentInfo: v.nullish(environmentInfo),
      userAgent: v.optional(v.string()),
      codexHome: v.optional(v.string()),
      platformFamily: v.optional(v.string()),
      platformOs: v.optional(v.string()),
    }),
  },
  'environment/info': { params: nothing, result: environmentInfo },

  // `handles`: the streaming file API
  'fs/readFile/open': {
    params: v.object({ handleId, path, sandbox }),
    result: v.object({ maxChunkBytes: v.number() }),
  },
  'fs/readFile/read': {
    params: v.object({ handleId, offset: bytes, maxBytes: v.optional(bytes) }),
    result: v.object({ dataBase64: chunk, eof: v.boolean() }),
  },
  'fs/readFile/stat': {
    params: v.object({ handleId }),
    result: v.object({ sizeBytes: bytes, createdAtMs: milliseconds, modifiedAtMs: milliseconds }),
  },
  'fs/readFile/close': { params: v.object({ handleId }), result: nothing },
  'fs/writeFile/open': {
    params: v.object({ handleId, path, sandbox }),
    result: v.object({ maxChunkBytes: v.number() }),
  },
  'fs/writeFile/write': { params: v.object({ handleId, dataBase64: chunk }), result: nothing },
  'fs/writeFile/close': { params: v.object({ handleId }), result: nothing },

  // `blocks`: what released exec-servers stream with
  'fs/open': {
    params: v.object({ handleId, path, mode: v.optional(v.picklist(['read', 'replace'])), sandbox }),
    result: v.object({ handleId: v.optional(v.string()) }),
  },
  'fs/readBlock': {
    params: v.object({ handleId, offset: bytes, len: bytes }),
    result: v.object({ chunk, eof: v.boolean() }),
  },
  'fs/writeBlock': { params: v.object({ handleId, offset: bytes, chunk }), result: nothing },
  'fs/close': { params: v.object({ handleId }), result: nothing },

  // `buffered`: a whole file in one message
  'fs/readFile': { params: v.object({ path, sandbox }), result: v.object({ dataBase64: chunk }) },
  'fs/writeFile': { params: v.object({ path, dataBase64: chunk, sandbox }), result: nothing },

  // companions
  'fs/getMetadata': { params: v.object({ path, sandbox }), result: metadata },
  'fs/readDirectory': { params: v.object({ path, sandbox }), result: v.object({ entries: v.array(directoryEntry) }) },
  'fs/walk': {
    params: v.object({ path, options: walkOptions, sandbox }),
    result: v.object({ entries: v.array(walkEntry), errors: v.array(walkFailure), truncated: v.boolean() }),
  },
  'fs/createDirectory': { params: v.object({ path, recursive: v.nullish(v.boolean()), sandbox }), result: nothing },
  'fs/remove': {
    params: v.object({ path, recursive: v.nullish(v.boolean()), force: v.nullish(v.boolean()), sandbox }),
    result: nothing,
  },
  'fs/copy': {
    params: v.object({ sourcePath: path, destinationPath: path, recursive: v.boolean(), sandbox }),
    result: nothing,
  },
  'fs/canonicalize': { params: v.object({ path, sandbox }), result: v.object({ path }) },
} as const;

const processId = v.string();

/** What released exec-servers have for running programs. `codexfs serve` has none of it. */
const processMethods = {
  'process/start': {
    params: v.object({
      processId,
      argv: v.array(v.string()),
      cwd: path,
      env: v.record(v.string(), v.string()),
      tty: v.boolean(),
      pipeStdin: v.boolean(),
      arg0: v.nullish(v.string()),
    }),
    result: nothing,
  },
  'process/write': {
    params: v.object({ processId, writeId: v.string(), chunk }),
    result: v.object({ status: v.string() }),
  },
  'process/read': {
    params: v.object({ processId, afterSeq: bytes, maxBytes: bytes, waitMs: bytes }),
    result: v.object({ closed: v.boolean() }),
  },
  'process/terminate': { params: v.object({ processId }), result: v.object({ running: v.boolean() }) },
} as const;

/** What a server tells of the programs that it runs. `seq` counts what it told of one of them, from 1. */
const processNotifications = {
  'process/output': v.object({ processId, stream: v.string(), chunk }),
  'process/exited': v.object({ processId, exitCode: v.number() }),
  'process/closed': v.object({ processId, seq: v.nullish(bytes) }),
} as const;

const table = { ...methods, ...processMethods };

/** The name of a method on the wire. */
export type Method = keyof typeof table;
/** What a request of `M` carries, with chunks as Buffers. */
export type Params<M extends Method> = v.InferOutput<(typeof table)[M]['params']>;
/** What an answer to `M` carries, with chunks as Buffers. */
export type Result<M extends Method> = v.InferOutput<(typeof table)[M]['result']>;

export type ProcessNotification = keyof typeof processNotifications;

/** Whether `name` is in the table of what `codexfs serve` may be asked for. */
export function isMethod(name: string): name is keyof typeof methods {
  return Object.hasOwn(methods, name);
}

/** A failed check: `field` is the dotted path of the first wrong member. */
export class SchemaMismatch extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(field === '' ? message : `${field}: ${message}`);
    this.name = 'SchemaMismatch';
    this.field = field;
  }
}

/** `value` as params of `method`, unknown members dropped. @throws {SchemaMismatch} when it is not of that shape */
export function checkParams<M extends Method>(method: M, value: unknown): Params<M> {
  return check(table[method].params, value ?? {}) as Params<M>;
}

/** `value` as the result of `method`, unknown members dropped. @throws {SchemaMismatch} when it is not of that shape */
export function checkResult<M extends Method>(method: M, value: unknown): Result<M> {
  return check(table[method].result, value) as Result<M>;
}

export function isProcessNotification(name: string): name is ProcessNotification {
  return Object.hasOwn(processNotifications, name);
}

/** `value` as what comes with the notification `name`. @throws {SchemaMismatch} when it is not of that shape */
export function checkNotification<N extends ProcessNotification>(
  name: N,
  value: unknown,
): v.InferOutput<(typeof processNotifications)[N]> {
  return check(processNotifications[name], value) as v.InferOutput<(typeof processNotifications)[N]>;
}

function check(schema: v.GenericSchema, value: unknown): unknown {
  const outcome = v.safeParse(schema, value, { abortEarly: true });
  if (outcome.success) return outcome.output;
  const [issue] = outcome.issues;
  const field = v.getDotPath(issue) ?? '';
  if (issue.received === 'undefined' && field !== '') throw new SchemaMismatch('', `missing field \`${field}\``);
  throw new SchemaMismatch(field, issue.message);
}
