// codexfs remotes: every remote that can be named, how it is reached, and where that was found. Tokens are never part of it.

import { addressOf } from '../../remotes/connect.js';
import type { RemoteSpec } from '../../remotes/registry.js';
import { remoteRecord, summaryRecord } from '../jsonRecords.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';

export interface RemotesOptions {
  readonly json?: boolean;
}

/** Writes a line for each remote of `run`, the default one with a star before it. */
export async function listRemotes(options: RemotesOptions, run: Run): Promise<void> {
  const { remotes, defaultRemote } = run.registry;
  const isDefault = (spec: RemoteSpec) => spec === defaultRemote;
  const text = options.json
    ? remotes.map((spec) => remoteRecord(spec, { address: addressOf(spec), isDefault: isDefault(spec) }))
    : linesOf(remotes, isDefault);
  await run.output.data(text.join(''));
  for (const _ of remotes) run.done();
  if (options.json) await run.output.data(summaryRecord(run, false));
}

function linesOf(remotes: readonly RemoteSpec[], isDefault: (spec: RemoteSpec) => boolean): string[] {
  const rows = remotes.map((spec) => ({
    mark: isDefault(spec) ? '*' : ' ',
    name: spec.name,
    address: show(addressOf(spec)),
    origin: show(spec.origin),
  }));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const addressWidth = Math.max(...rows.map(({ address }) => address.length));
  return rows.map(
    ({ mark, name, address, origin }) =>
      `${mark} ${name.padEnd(nameWidth)}  ${address.padEnd(addressWidth)}  ${origin}\n`,
  );
}
