// The records of --json and --report, each with its members: source of the types and of schema/records.json. At run time
// nothing loads this file. Members are added, never changed; `v` grows otherwise.

import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const countOrNull = v.nullable(count);
const textOrNull = v.nullable(v.string());
/** RFC 3339 in UTC. */
const timeOrNull = textOrNull;

const nodeKind = v.picklist(['file', 'directory', 'link', 'special']);

const partialFile = v.object({
  path: v.string(),
  state: v.picklist(['partial', 'unknown', 'intact']),
  /** Exact for `partial`, at most for `unknown`, and null where nobody can say. */
  bytes: countOrNull,
  totalBytes: countOrNull,
});

const movingFile = v.object({ name: v.string(), bytes: count, totalBytes: countOrNull, stalledMs: countOrNull });

const speed = v.object({ bytes: count, ms: v.number() });

/** The members of each type of record besides `v` and `type`. */
export const recordSchemas = {
  /** A file is in place. `attempts` is 1 unless a lost connection had it copied again. */
  copied: v.object({ from: v.string(), to: v.string(), sizeBytes: count, attempts: count }),
  /** A directory is in place. */
  directory: v.object({ from: v.string(), to: v.string() }),
  /** Something was left out: `kept` where the options leave the destination alone, `excluded` for a source that a pattern names, `current` for what is up to date. */
  skipped: v.object({ location: v.string(), reason: v.picklist(['kept', 'special', 'link', 'excluded', 'current']) }),
  /** Something was removed. */
  deleted: v.object({ location: v.string() }),
  /** What a dry run would do. `from` is null where nothing is copied, `sizeBytes` also where nobody knows. */
  planned: v.object({
    action: v.picklist(['copy', 'replace', 'makeDirectory', 'delete']),
    from: textOrNull,
    to: v.string(),
    sizeBytes: countOrNull,
  }),
  /** Something failed. `from` and `to` are null where it was no copy. */
  error: v.object({
    location: textOrNull,
    from: textOrNull,
    to: textOrNull,
    code: v.string(),
    message: v.string(),
    hint: textOrNull,
    /** How often it was tried. */
    attempts: count,
  }),
  /** A connection was lost, or could not be made, and is tried again after `delayMs`. */
  retry: v.object({
    remote: v.string(),
    attempt: count,
    retries: count,
    delayMs: count,
    code: v.string(),
    message: v.string(),
  }),
  /** What stat tells of one location. */
  stat: v.object({
    location: v.string(),
    kind: v.picklist(['file', 'directory', 'other']),
    isSymlink: v.boolean(),
    sizeBytes: countOrNull,
    modifiedAt: timeOrNull,
    createdAt: timeOrNull,
    mode: textOrNull,
  }),
  /** A remote that can be named. */
  remote: v.object({
    name: v.string(),
    kind: v.picklist(['webSocket', 'command']),
    address: v.string(),
    origin: v.string(),
    isDefault: v.boolean(),
    hasToken: v.boolean(),
  }),
  /** What doctor found. What is not known, or could not be tried, is null; `handleLimit` also where none was found. */
  doctor: v.object({
    name: v.string(),
    address: v.string(),
    origin: v.string(),
    hasToken: v.boolean(),
    serverKind: v.picklist(['exec-server', 'app-server']),
    version: textOrNull,
    platform: textOrNull,
    workingDirectory: textOrNull,
    homeDirectory: textOrNull,
    readDialect: textOrNull,
    writeDialect: textOrNull,
    latencyMs: v.number(),
    readChunkBytes: countOrNull,
    handleLimit: countOrNull,
    upload: v.nullable(speed),
    download: v.nullable(speed),
    features: v.array(v.object({ name: v.string(), state: v.picklist(['on', 'slower', 'off']), reason: v.string() })),
  }),
  /** What ls and find tell of one location; facts that were not asked for are null. */
  entry: v.object({ location: v.string(), kind: nodeKind, sizeBytes: countOrNull, modifiedAt: timeOrNull }),
  /** How many bytes du counted at and below a location. */
  size: v.object({ location: v.string(), kind: v.picklist(['file', 'directory']), sizeBytes: count }),
  /** rm has removed something; a directory with all that was in it. */
  removed: v.object({ location: v.string(), kind: v.picklist(['directory', 'entry']) }),
  /** The SHA-256 of a file, in hex. */
  sum: v.object({ location: v.string(), sha256: v.string() }),
  /** Whether a file has the SHA-256 that a list says. */
  check: v.object({ location: v.string(), expected: v.string(), sha256: v.string(), isSame: v.boolean() }),
  /** Two locations are not the same: in their bytes, in what they are, or because there is `only` one of them. */
  difference: v.object({
    what: v.picklist(['content', 'kind', 'only']),
    first: textOrNull,
    second: textOrNull,
  }),
  /** How far a run has come, for --progress=json; totals are lower bounds until `isTotalFinal`. */
  progress: v.object({
    doneCount: count,
    itemCount: count,
    isCountFinal: v.boolean(),
    bytes: count,
    totalBytes: countOrNull,
    isTotalFinal: v.boolean(),
    percent: countOrNull,
    bytesPerSecond: count,
    stalledMs: countOrNull,
    files: v.array(movingFile),
  }),
  /** The last record of every run. */
  summary: v.object({
    command: v.string(),
    exitStatus: count,
    signal: textOrNull,
    isInterrupted: v.boolean(),
    /** Null where nobody counted to the end. */
    itemCount: countOrNull,
    doneCount: count,
    doneBytes: count,
    directoryCount: count,
    skippedCount: count,
    failedCount: count,
    partials: v.array(partialFile),
    continueWith: textOrNull,
    startedAt: v.string(),
    elapsedMs: count,
  }),
};

type Members = { readonly [T in keyof typeof recordSchemas]: v.InferOutput<(typeof recordSchemas)[T]> };

/** A record as the program makes it; `v` is added where it becomes text. */
export type JsonRecord = { [T in keyof Members]: { readonly type: T } & Members[T] }[keyof Members];

export type SummaryRecord = Extract<JsonRecord, { readonly type: 'summary' }>;

export type PartialRecord = v.InferOutput<typeof partialFile>;
