// What becomes of a destination that exists: decided from facts alone, so that a table can show it.

/** What was asked for. With none of these a destination is replaced. */
export interface ExistingRule {
  /** `keep`: what exists is left alone (-n). `ask`: a person decides (-i). */
  readonly overwrite?: 'always' | 'keep' | 'ask' | undefined;
  /** Only a source that is newer replaces (-u). */
  readonly isUpdate?: boolean | undefined;
  /** A destination with the source's content is left alone (-c). */
  readonly isChecksum?: boolean | undefined;
}

/** Whether `rule` depends on what is there: else nobody needs to look. */
export function looksAtExisting({ overwrite = 'always', isUpdate, isChecksum }: ExistingRule): boolean {
  return overwrite !== 'always' || isUpdate === true || isChecksum === true;
}

/** What is known of one end. */
export interface ExistingFacts {
  readonly kind: 'file' | 'directory' | 'other';
  readonly sizeBytes: number | undefined;
  /** Milliseconds since 1970; 0 where the server does not know. */
  readonly modifiedAtMs: number;
}

/** `compare`: copy unless the content is the same; then `ask` where the rule says so. */
export type ExistingAction = 'copy' | 'skip' | 'ask' | 'compare';

/**
 * What to do with a destination that is `existing`. A time that nobody knows never lets a file be skipped: to copy once too
 * often costs time, to skip wrongly costs data.
 */
export function actionFor(
  source: ExistingFacts,
  existing: ExistingFacts | undefined,
  rule: ExistingRule,
): ExistingAction {
  // A directory in the way is left to the copy to complain about, and so is what is no file.
  if (existing === undefined || existing.kind === 'directory') return 'copy';
  if (rule.overwrite === 'keep') return 'skip';
  if (existing.kind !== 'file') return 'copy';
  if (rule.isUpdate && !isNewer(source, existing)) return 'skip';
  if (rule.isChecksum && couldBeEqual(source, existing)) return 'compare';
  return afterComparing(rule);
}

/** What to do once a comparison has found a difference. */
export function afterComparing({ overwrite }: ExistingRule): 'copy' | 'ask' {
  return overwrite === 'ask' ? 'ask' : 'copy';
}

/** Servers tell milliseconds, this host fractions of them: a copy that got its source's time back must not count as older. */
function isNewer(source: ExistingFacts, existing: ExistingFacts): boolean {
  if (source.modifiedAtMs === 0 || existing.modifiedAtMs === 0) return true;
  return Math.floor(source.modifiedAtMs) > Math.floor(existing.modifiedAtMs);
}

function couldBeEqual({ sizeBytes: a }: ExistingFacts, { sizeBytes: b }: ExistingFacts): boolean {
  return a === undefined || b === undefined || a === b || a === 0;
}
