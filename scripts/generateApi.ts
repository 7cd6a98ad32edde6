// Writes docs/API.md: `npm run api`.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { apiPage } from './apiPage.js';

const root = new URL('../../', import.meta.url);
await writeFile(new URL('docs/API.md', root), await apiPage(fileURLToPath(new URL('dist/src/', root))));
