// codexfs tree, find and du as users run them, on both kinds of servers and on local paths; each title is the command line.

import { execFile } from 'node:child_process';
import { chmod, symlink, utimes } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type Box, type boxKinds, type Outcome, openBox } from '../helpers/openBox.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { asNobody, unavailable } from '../helpers/unavailable.js';

type Row = readonly [words: string, out: readonly string[], Partial<Outcome>?];

const dayMs = 86_400_000;

/** Files with sizes, ages and names for every test; `up` leads back to the folder. */
async function openWood(kind: (typeof boxKinds)[number]): Promise<Box> {
  const box = await openBox(kind, {
    ...{ 'a.log': 'x'.repeat(1500), 'd/b.LOG': 'y'.repeat(3000), 'd/deep/c.txt': '', 'd/deep/new\nline': 'z' },
    ...{ '.hidden/x': '12345', 'empty/': '', 'old.log': '.' },
  });
  await symlink('../empty', box.there.join('d', 'link'));
  await symlink('..', box.there.join('d', 'up'));
  const days = (count: number) => new Date(Date.now() - count * dayMs);
  await utimes(box.there.join('old.log'), days(9.5), days(9.5));
  await utimes(box.there.join('a.log'), days(2), days(2));
  return box;
}

const treeRows: readonly Row[] = [
  [
    'tree AT',
    [
      ...['AT', '├── a.log', '├── d', '│   ├── b.LOG', '│   ├── deep', '│   │   ├── c.txt', '│   │   └── new', 'line'],
      ...['│   ├── link [link]', '│   └── up [link]', '├── empty', '└── old.log', '', '4 directories, 7 files'],
    ],
  ],
  ['tree -d -L 1 AT', ['AT', '├── d', '└── empty', '', '3 directories']],
  ['tree -aL 1 AT/.hidden AT/empty', ['AT/.hidden', '└── x', 'AT/empty', '', '2 directories, 1 file']],
  [
    'tree -l AT/d/deep/.. AT/a.log',
    [
      ...['AT/d/deep/..', '├── b.LOG', '├── deep', '│   ├── c.txt', '│   └── new', 'line', '├── link', '└── up'],
      ...['    ├── a.log', '    ├── d [link]', '    ├── empty', '    └── old.log', '', '5 directories, 6 files'],
    ],
    {
      status: 1,
      err: 'codexfs: tree: AT/d/deep/../up/d: is a link to a directory that holds it\ncodexfs: tree: AT/a.log: is not a directory\n',
    },
  ],
];

const findRows: readonly Row[] = [
  ["find AT --name '*.log'", ['AT/a.log', 'AT/old.log']],
  ["find AT -iname '*.l?g' -type f -maxdepth 2", ['AT/a.log', 'AT/d/b.LOG', 'AT/old.log']],
  ['find AT --type d --mindepth 1', ['AT/.hidden', 'AT/d', 'AT/d/deep', 'AT/empty']],
  ['find AT -type l,d -maxdepth 2 -mindepth 2', ['AT/d/deep', 'AT/d/link', 'AT/d/up']],
  ['find AT/d --size +0 --size -2K', ['AT/d/deep/new', 'line']],
  ['find AT --size 1500', ['AT/a.log']],
  ['find AT --type f --mtime +9', ['AT/old.log']],
  ['find AT --type f --mtime 9', ['AT/old.log']],
  ['find AT --type f --mtime -72h --mtime +1d', ['AT/a.log']],
  ['find AT --newer AT/old.log --name a.log', ['AT/a.log']],
  ["find AT --name '{a,old}.log' --print0", ['AT/a.log\0AT/old.log\0']],
  ['find AT --size 1500c --size -2k', ['AT/a.log']],
  ['find AT --newer AT/none', [], { status: 3, err: 'codexfs: find: AT/none: no such file or directory\n' }],
  [
    'find AT --size abc',
    [],
    { status: 2, err: 'codexfs: find: --size: `abc` is no size\nhint: write 4096, 512K, 10M or 1G\n' },
  ],
  ['find AT/d/deep --maxdepth 0', ['AT/d/deep']],
  ['find AT/a.log AT/none', ['AT/a.log'], { status: 1, err: 'codexfs: find: AT/none: no such file or directory\n' }],
  ['find AT/d/deep -L --name c.txt', ['AT/d/deep/c.txt']],
  [
    'find AT/d --follow --type d',
    ['AT/d', 'AT/d/deep', 'AT/d/link', 'AT/d/up', 'AT/d/up/.hidden', 'AT/d/up/empty'],
    { status: 1, err: 'codexfs: find: AT/d/up/d: is a link to a directory that holds it\n' },
  ],
  [
    'find AT -name x -exec rm {} +',
    [],
    {
      status: 2,
      err: 'codexfs: find: -exec is not among what find can do\nhint: pipe what it writes with --print0 into xargs -0; codexfs find --help tells more\n',
    },
  ],
  [
    'find AT --type x',
    [],
    { status: 2, err: 'codexfs: find: --type: `x` is no type\nhint: write f, d or l, or several as f,l\n' },
  ],
];

const globRows: readonly Row[] = [
  [
    'find AT/*.log AT/d/{deep,none} --type f',
    ['AT/a.log', 'AT/d/deep/c.txt', 'AT/d/deep/new', 'line', 'AT/old.log'],
    { status: 1, err: 'codexfs: find: AT/d/none: no such file or directory\n' },
  ],
  ['du -b AT/*.log', ['1500\tAT/a.log', '1\tAT/old.log']],
  ['tree AT/e*', ['AT/empty', '', '1 directory, 0 files']],
];

const duRows: readonly Row[] = [
  ['du AT', ['1\tAT/.hidden', '1\tAT/d/deep', '3\tAT/d', '0\tAT/empty', '5\tAT']],
  ['du -b -d 1 AT/d AT/a.log', ['1\tAT/d/deep', '3001\tAT/d', '1500\tAT/a.log']],
  ['du -sch AT/d AT/.hidden', ['2.93K\tAT/d', '5\tAT/.hidden', '2.94K\ttotal']],
  ['du -ab AT/d/deep', ['0\tAT/d/deep/c.txt', '1\tAT/d/deep/new', 'line', '1\tAT/d/deep']],
  ['du -bs AT/none AT/empty', ['0\tAT/empty'], { status: 1, err: 'codexfs: du: AT/none: no such file or directory\n' }],
];

for (const place of ['codex exec-server', 'codexfs serve', 'local paths'] as const) {
  const kind = place === 'local paths' ? 'codexfs serve' : place;
  const at = place === 'local paths' ? 'THERE' : 'box:THERE';
  describe(`on ${place}, codexfs`, (test) => {
    // Here a shell has expanded them.
    const patterns = place === 'local paths' ? [] : globRows;
    for (const [command, rows] of Object.entries({ tree: treeRows, find: findRows, du: duRows, patterns })) {
      test(
        `${command}, row by row`,
        async () => {
          await using box = await openWood(kind);
          for (const row of rows) await checkRow(row, box, at);
        },
        { timeoutMs: 60_000 },
      );
    }
  });
}

/** Runs one row with `at` for AT. What find writes has no order that is promised. */
async function checkRow([words, out, { status = 0, err = '' } = {}]: Row, box: Box, at: string): Promise<void> {
  const typed = [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const result = await box.run(...typed.map((word) => word.replace(/^AT/, at)));
  const ordered = (lines: readonly string[]) => (words.startsWith('find') ? [...lines].sort() : lines);
  const endsInLine = out.length > 0 && !out.at(-1)?.endsWith('\0');
  const wanted = { words, status, out: ordered(endsInLine ? [...out, ''] : out), err };
  const lines = result.out === '' ? [] : result.out.replaceAll(at, 'AT').split('\n');
  assert.equal({ words, status: result.status, out: ordered(lines), err: result.err.replaceAll(at, 'AT') }, wanted);
}

describe('codexfs find', (test) => {
  test(
    'writes locations that other commands take, in every form',
    async () => {
      await using box = await openBox('codexfs serve', { 'a b%41': 'A', '~/t': 'T', 'q?*': 'Q' });
      await using here = await startCodexfsServe({ listen: 'ws', wrapper: ['env', '-C', box.there.path] });
      const forms = [
        'in:',
        'in:.',
        '.',
        `${here.remote}${box.there.path}`,
        `${here.remote}${box.there.path}/`,
        'in:THERE',
      ];
      for (const root of forms) {
        const found = await box.run('--remote', `in=${here.remote}`, 'find', root, '-type', 'f', '-0');
        const words = found.out.split('\0').slice(0, -1);
        const read = await box.run('--remote', `in=${here.remote}`, 'cat', ...words);
        assert.equal([root, words.length, [...read.out].sort().join(''), read.err], [root, 3, 'AQT', '']);
      }
    },
    { timeoutMs: 30_000 },
  );

  test('finds in a pipe what rm is to remove', async () => {
    await using box = await openBox('codex exec-server', { 'a.tmp': '', 'd/b c.tmp': '', "d/it's": 'kept' });
    const script = `"$@" find box:"$AT" -name '*.tmp' -print0 | xargs -0 "$@" rm && "$@" find box:"$AT" -type f`;
    const program = [process.execPath, new URL('../../../bin/codexfs.js', import.meta.url).pathname];
    const args = ['-c', script, 'sh', ...program, '--remote', `box=${box.remote}`];
    const { stdout } = await promisify(execFile)('sh', args, { env: { ...process.env, AT: box.there.path } });
    assert.is(stdout, `box:${box.there.path}/d/it's\n`);
  });

  test(
    'tells what it cannot read, goes on, and exits 1',
    async () => {
      await using box = await openBox('codexfs serve', { 'closed/x': 'X', 'open/y': 'Y' });
      await chmod(box.there.path, 0o755);
      await chmod(box.there.join('closed'), 0o700);
      await using mine = await startCodexfsServe({ listen: 'ws', wrapper: asNobody });
      for (const command of ['find', 'du', 'tree']) {
        const { status, out, err } = await box.run('--remote', `mine=${mine.remote}`, command, 'mine:THERE');
        assert.equal(
          [command, status, err],
          [command, 1, `codexfs: ${command}: mine:THERE/closed: permission denied\n`],
        );
        assert.match(out, /open/);
      }
    },
    { skip: unavailable(asNobody[0] ?? '', ...asNobody.slice(1), 'true') },
  );
});
