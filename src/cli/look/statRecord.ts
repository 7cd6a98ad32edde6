// What stat tells of a path in a record; what is not known is null.

import type { FileInfo } from '../../fs/FileSystem.js';
import { rfc3339 } from '../quantities.js';
import type { JsonRecord } from '../records/recordSchemas.js';

export function statRecord(location: string, info: FileInfo): JsonRecord {
  return {
    type: 'stat',
    location,
    kind: info.kind,
    isSymlink: info.isSymlink,
    sizeBytes: info.sizeBytes ?? null,
    modifiedAt: rfc3339(info.modifiedAtMs) ?? null,
    createdAt: rfc3339(info.createdAtMs) ?? null,
    mode: info.mode === undefined ? null : info.mode.toString(8).padStart(4, '0'),
  };
}
