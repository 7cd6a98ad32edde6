// docs/API.md tells every export of the library, as the source has it now.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { apiPage } from '../scripts/apiPage.js';
import * as library from '../src/index.js';
import { describe } from './helpers/describe.js';
import { repositoryRoot } from './helpers/repository.js';

describe('docs/API.md', (test) => {
  test('is what the source says', async () => {
    const page = await apiPage(join(repositoryRoot, 'dist/src'));
    assert.is(await readFile(join(repositoryRoot, 'docs/API.md'), 'utf8'), page, 'run npm run api');
  });

  test('has a section for everything that can be imported', async () => {
    const page = await apiPage(join(repositoryRoot, 'dist/src'));
    const missing = Object.keys(library).filter((name) => !page.includes(`\n### ${name}\n`));
    assert.equal(missing, []);
    assert.ok(page.includes('\n### ReadHandle\n') && page.includes('\n### CopyOptions\n'));
  });

  test('shows the members of an interface, a class and an overload to their end', async () => {
    const page = await apiPage(join(repositoryRoot, 'dist/src'));
    const cutShort = [...page.matchAll(/^### (\w+)\n(?:(?!^###)[\s\S])*?\{\n(?:```|function )/gm)].map(
      ([, name]) => name,
    );
    assert.equal(cutShort, []);
    for (const member of [
      'readonly isVerified?: boolean',
      'readonly hint: string | undefined',
      '}): Promise<ListeningServer>;',
    ]) {
      assert.ok(page.includes(member), member);
    }
  });

  test('gives each entry a sentence', async () => {
    const page = await apiPage(join(repositoryRoot, 'dist/src'));
    const bare = [...page.matchAll(/^### (\w+)\n\n```/gm)].map(([, name]) => name);
    assert.equal(bare, []);
  });
});
