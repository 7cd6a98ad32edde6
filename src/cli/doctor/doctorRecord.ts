// What doctor found, as a record.

import type { JsonRecord } from '../records/recordSchemas.js';
import type { Diagnosis } from './doctorText.js';
import type { Speed } from './measure.js';

export function doctorRecord({ remote, findings, features }: Diagnosis): JsonRecord {
  const { tried } = findings;
  return {
    type: 'doctor',
    ...remote,
    serverKind: findings.kind,
    version: findings.version ?? null,
    platform: findings.platform ?? null,
    workingDirectory: findings.workingDirectory ?? null,
    homeDirectory: findings.homeDirectory ?? null,
    readDialect: findings.dialects.read,
    writeDialect: findings.dialects.write,
    latencyMs: Math.round(findings.latencyMs * 100) / 100,
    readChunkBytes: tried?.handles?.readChunkBytes ?? null,
    handleLimit: tried?.handles?.isLimit ? tried.handles.count : null,
    upload: speedOf(tried?.upload),
    download: speedOf(tried?.download),
    features: [...features],
  };
}

function speedOf(speed: Speed | undefined): Speed | null {
  return speed === undefined ? null : { bytes: speed.bytes, ms: Math.round(speed.ms) };
}
