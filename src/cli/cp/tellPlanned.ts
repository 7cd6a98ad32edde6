// One step of a dry run as a line on standard output, or as a record.

import { formatSize } from '../quantities.js';
import type { Run } from '../Run.js';
import type { JsonRecord } from '../records/recordSchemas.js';
import { show } from '../show.js';

type Planned = Omit<Extract<JsonRecord, { readonly type: 'planned' }>, 'type'>;

const verbs = { copy: 'copy', replace: 'replace', makeDirectory: 'make directory', delete: 'delete' } as const;

/** Tells `step` where the user wants it; resolves when there is room for more. */
export async function tellPlanned(step: Planned, run: Run): Promise<void> {
  await run.record({ type: 'planned', ...step });
  if (run.options.json) return;
  const { action, from, to, sizeBytes } = step;
  const places = from === null ? show(to) : `${show(from)} -> ${show(to)}`;
  const size = sizeBytes === null ? '' : ` (${formatSize(sizeBytes)})`;
  await run.output.data(`${verbs[action]} ${places}${size}\n`);
}
