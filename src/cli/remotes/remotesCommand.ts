// codexfs remotes: every remote that can be named, how it is reached, and where that was found. Tokens are never part of it.

import { addressOf } from '../../remotes/connect.js';
import type { RemoteSpec } from '../../remotes/registry.js';
import type { Run } from '../Run.js';
import type { JsonRecord } from '../records/recordSchemas.js';
import { show } from '../show.js';

/** Writes a line for each remote of `run`, the default one with a star before it, or a record. */
export async function listRemotes(run: Run): Promise<void> {
  const { remotes, defaultRemote } = run.registry;
  const rows = remotes.map((spec) => ({ spec, isDefault: spec === defaultRemote }));
  run.expectItems(rows.length);
  if (!run.options.json) await run.output.data(linesOf(rows).join(''));
  for (const row of rows) {
    await run.record(recordOf(row));
    run.done();
  }
}

/** Columns of an address that others are aligned with. That of `local`, a whole command, would send every line over its end. */
const maxAddressWidth = 40;

interface Row {
  readonly spec: RemoteSpec;
  readonly isDefault: boolean;
}

function recordOf({ spec, isDefault }: Row): JsonRecord {
  const { name, origin, target, token } = spec;
  const hasToken = token !== undefined;
  return { type: 'remote', name, kind: target.kind, address: addressOf(spec), origin, isDefault, hasToken };
}

function linesOf(rows: readonly Row[]): string[] {
  const texts = rows.map(({ spec, isDefault }) => ({
    name: `${isDefault ? '*' : ' '} ${spec.name}`,
    address: show(addressOf(spec)),
    origin: show(spec.origin),
  }));
  const nameWidth = Math.max(...texts.map(({ name }) => name.length));
  const addressWidth = Math.max(
    0,
    ...texts.map(({ address }) => address.length).filter((width) => width <= maxAddressWidth),
  );
  return texts.map(
    ({ name, address, origin }) => `${name.padEnd(nameWidth)}  ${address.padEnd(addressWidth)}  ${origin}\n`,
  );
}
