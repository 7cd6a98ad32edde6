// Where this package is, and its version, read from package.json so that it stands in one place.

import { readFileSync } from 'node:fs';

/** The folder that holds package.json. This file is two folders below it as dist/src/version.js and in a piece of dist/program/. */
export const packageRoot = new URL('../../', import.meta.url);

const manifest: { version: string } = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'));

/** The version of this package. */
export const version = manifest.version;
