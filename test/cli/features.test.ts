// What findings mean for the features of codexfs: servers that no test here can run, by what is known of them.

import * as assert from 'uvu/assert';
import type { Findings } from '../../src/cli/doctor/examine.js';
import { featuresOf } from '../../src/cli/doctor/features.js';
import { describe } from '../helpers/describe.js';

const speed = { bytes: 1, ms: 1 };

/** An exec-server of 0.148: pieces when it reads, none when it writes. */
const old: Findings = {
  kind: 'exec-server',
  version: '0.148.0',
  platform: 'linux',
  workingDirectory: '/w',
  homeDirectory: '/root',
  dialects: { read: 'blocks', write: 'buffered' },
  latencyMs: 1,
  scratchProblem: undefined,
  tried: {
    upload: speed,
    download: speed,
    handles: { count: 128, isLimit: true, readChunkBytes: 262_144 },
    knowsSizes: true,
    copiesFiles: true,
    hashes: true,
    tellsModes: true,
  },
};

function featureOf(name: string, findings: Findings, isExecForbidden = false) {
  const found = featuresOf(findings, { isExecForbidden }).find((feature) => feature.name === name);
  return `${found?.state}: ${found?.reason}`;
}

describe('features', (test) => {
  test('are slower where a shell must do what the server has no method for', () => {
    const expected = 'slower: above 5.00 MiB through a shell on the server: it has no writing in pieces';
    assert.is(featureOf('uploads of any size', old), expected);
  });

  test('are off where nothing can do it, and the reason says whose choice that is', () => {
    const { tried } = old;
    const bare = { ...old, tried: tried && { ...tried, hashes: false, tellsModes: false } };
    const expected = 'off: no file above 5.00 MiB: it has no writing in pieces, and it runs no programs for us';
    assert.is(featureOf('uploads of any size', bare), expected);
    assert.match(featureOf('uploads of any size', bare, true), /, and --no-exec forbids to run programs there$/);
    assert.match(featureOf('--verify and sums', bare), /^slower: every byte is read back/);
    assert.match(featureOf('permission bits', bare), /^off: /);
  });

  test('say what a server does not tell', () => {
    const { tried } = old;
    const silent = {
      ...old,
      workingDirectory: undefined,
      homeDirectory: undefined,
      tried: tried && { ...tried, knowsSizes: false, copiesFiles: false },
    };
    assert.match(featureOf('relative paths', silent), /^off: the server does not say what its working directory is$/);
    assert.match(featureOf('paths from ~', silent), /^off: /);
    assert.match(featureOf('sizes before a download', silent), /^off: /);
    assert.match(featureOf('copies within the server', silent), /^slower: through this machine/);
  });

  test('are few where no file could be made', () => {
    const refused = { ...old, tried: undefined, scratchProblem: 'permission denied' };
    assert.equal(featuresOf(refused, { isExecForbidden: false })[0], {
      name: 'uploads',
      state: 'off',
      reason: 'no file could be made to try it: permission denied',
    });
  });
});
