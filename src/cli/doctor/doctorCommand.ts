// codexfs doctor: how a remote is reached, what its server says and does, how fast, and what that means for codexfs.

import { UsageError } from '../../errors.js';
import { addressOf } from '../../remotes/connect.js';
import { parseLocation } from '../../remotes/Location.js';
import type { RemoteSpec } from '../../remotes/registry.js';
import { urlRemote } from '../../remotes/registry.js';
import type { Run } from '../Run.js';
import { doctorRecord } from './doctorRecord.js';
import { doctorLines } from './doctorText.js';
import { examine } from './examine.js';
import { featuresOf } from './features.js';

/** Examines the remote that `word` names, as `NAME`, `NAME:`, `NAME:DIRECTORY` or `ws://HOST:PORT`. @throws {UsageError} */
export async function runDoctor(word: string, run: Run): Promise<void> {
  const { spec, directory } = patientOf(word, run);
  const { signal, options, output } = run;
  run.expectItems(1);
  if (!options.json) output.note(`codexfs: examining ${spec.name}; this takes a few seconds`);
  try {
    const fileSystem = await run.connections.open(spec);
    const findings = await examine(fileSystem, {
      directory: directory === undefined ? undefined : fileSystem.resolve(directory),
      signal,
    });
    const diagnosis = {
      remote: { name: spec.name, address: addressOf(spec), origin: spec.origin, hasToken: spec.token !== undefined },
      findings,
      features: featuresOf(findings, { isExecForbidden: !options.exec }),
    };
    await run.record(doctorRecord(diagnosis));
    if (!options.json) await output.text(`${doctorLines(diagnosis).join('\n')}\n`);
    run.done();
  } catch (error) {
    run.failed(error, word);
  }
}

function patientOf(
  word: string,
  { registry }: Run,
): { readonly spec: RemoteSpec; readonly directory: string | undefined } {
  const location = parseLocation(/^[A-Za-z0-9_-]{2,64}$/.test(word) ? `${word}:` : word);
  if (location.kind === 'url') {
    const hasPath = /^[^:]*:\/\/[^/]*\/./.test(word);
    return { spec: urlRemote(location.url), directory: hasPath ? location.path : undefined };
  }
  if (location.kind !== 'remote') {
    throw new UsageError(`\`${word}\` is no remote`, { hint: 'codexfs remotes lists them' });
  }
  const spec = registry.find(location.remote, location.word);
  return { spec, directory: location.path === '' ? undefined : location.path };
}
