// What is measured: tasks that several contenders do in turn, and the rows of the table that are made of their samples.

import { codexfsProgram } from '../../test/helpers/servers.js';
import { type Contender, type ContenderName, type Copy, contenders, type Direction } from './contenders.js';
import type { Distance, Stage } from './Stage.js';
import type { Sample, Words } from './timed.js';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** One command of a task. */
export interface Runner {
  readonly name: string;
  readonly absence?: string | undefined;
  words(stage: Stage): Promise<Words>;
  /** What the destination must equal afterwards. */
  source?(stage: Stage): Promise<string>;
}

/** One number of one round; `against` is the sample of the peer. */
export interface Row {
  readonly title: string;
  readonly subject: string;
  readonly against?: string;
  readonly sense: 'at least' | 'at most';
  readonly unit: '×' | 's' | 'MiB';
  readonly must: number;
  readonly aim: number;
  value(subject: Sample, against: Sample): number;
}

export interface Task {
  readonly name: string;
  readonly title: string;
  /** What is written to memory, where it stays there. */
  readonly bytes?: number;
  /** Whether the destination loses its pages while it grows, because memory for all of it is what would be measured. */
  readonly takesNoMemory?: boolean;
  readonly runners: readonly Runner[];
  readonly rows: readonly Row[];
}

type Bound = readonly [must: number, aim: number];

function speedRow(title: string, against: string, [must, aim]: Bound, subject = 'codexfs'): Row {
  const value = (own: Sample, other: Sample) => other.seconds / own.seconds;
  return { title, subject, against, sense: 'at least', unit: '×', must, aim, value };
}

function timeRow(title: string, against: string, [must, aim]: Bound, subject = 'codexfs'): Row {
  const value = (own: Sample, other: Sample) => own.seconds / other.seconds;
  return { title, subject, against, sense: 'at most', unit: '×', must, aim, value };
}

function runner(name: ContenderName, copy: Omit<Copy, 'source'>, source: Runner['source'] & {}): Runner {
  const contender: Contender = contenders[name];
  return {
    name,
    absence: contender.absence,
    source,
    words: async (stage) => contender.words({ ...copy, source: await source(stage) }, stage),
  };
}

/** A large file next door, against everyone. */
function nearTask(direction: Direction, bound: Bound): Task {
  const copy = { direction, distance: 'near' as const };
  const source = (stage: Stage) => stage.randomFile(GiB);
  const what = `${direction} 1 GiB`;
  return {
    name: direction,
    title: what,
    bytes: GiB,
    runners: (['codexfs', 'scp', 'serve', 'strict'] as const).map((name) => runner(name, copy, source)),
    rows: [
      speedRow(`${what}: speed, against scp`, 'scp', bound),
      speedRow(`${what}: speed, against the strict client`, 'strict', [2, 3]),
      speedRow(`${what}: speed of codexfs serve, against the real server`, 'codexfs', [0.9, 1.2], 'serve'),
      {
        title: `${what}: processor seconds of the client`,
        subject: 'codexfs',
        sense: 'at most',
        unit: 's',
        must: 2,
        aim: 1.5,
        value: (own) => own.cpuSeconds,
      },
    ],
  };
}

function farTask(direction: Direction): Task {
  const copy = { direction, distance: 'far' as const };
  const source = (stage: Stage) => stage.randomFile(256 * MiB);
  const title = `${direction} 256 MiB at 50 ms`;
  return {
    name: `far-${direction}`,
    title,
    bytes: 256 * MiB,
    runners: (['codexfs', 'scp'] as const).map((name) => runner(name, copy, source)),
    rows: [speedRow(`${title}: speed, against scp`, 'scp', [6, 10])],
  };
}

/** Many files, of which a tree is made by `source`. */
function treeTask(
  { name, what, source }: { readonly name: string; readonly what: string; readonly source: Runner['source'] & {} },
  direction: Direction,
  distance: Distance,
  bound: Bound,
): Task {
  const copy = { direction, distance, isTree: true };
  // `codexfs serve` takes no one who knows it by the name of a proxy.
  const names = distance === 'far' ? (['codexfs', 'rsync'] as const) : (['codexfs', 'rsync', 'serve'] as const);
  const title = `${direction} ${what}${distance === 'far' ? ' at 50 ms' : ''}`;
  return {
    name: `${distance === 'far' ? 'far-' : ''}${name}-${direction}`,
    title,
    runners: names.map((name) => runner(name, copy, source)),
    rows: [timeRow(`${title}: time, against rsync -a`, 'rsync', bound)],
  };
}

const small = { name: 'small', what: '5 000 small files', source: (stage: Stage) => stage.tree() };
const mixed = { name: 'mixed', what: '300 files to 2 MiB', source: (stage: Stage) => stage.mixedTree() };

/** Whether time and memory keep to the length of a file. */
function largeTask(direction: Direction): Task {
  const of = (name: string, sizeBytes: number): Runner => {
    const source = (stage: Stage) => stage.sparseFile(sizeBytes);
    const { words } = runner('codexfs', { direction, distance: 'near' }, source);
    return { name, words };
  };
  const what = `${direction} 10 GiB (sparse)`;
  const memory = { subject: '10 GiB', against: '1 GiB', sense: 'at most', unit: 'MiB' } as const;
  return {
    name: `large-${direction}`,
    title: what,
    takesNoMemory: true,
    runners: [of('1 GiB', GiB), of('10 GiB', 10 * GiB)],
    rows: [
      timeRow(`${what}: time, against 1 GiB`, '1 GiB', [10.5, 10], '10 GiB'),
      { ...memory, title: `${what}: peak memory`, must: 150, aim: 120, value: (own) => own.peakMiB },
      {
        ...memory,
        title: `${what}: peak memory above that for 1 GiB`,
        must: 10,
        aim: 10,
        value: (own, other) => own.peakMiB - other.peakMiB,
      },
    ],
  };
}

const nothing: Runner = { name: 'node -e 0', words: async () => [process.execPath, '-e', '0'] };

const startTask: Task = {
  name: 'start',
  title: 'start-up',
  runners: [
    nothing,
    { name: '--version', words: async () => [process.execPath, codexfsProgram, '--version'] },
    {
      name: 'stat',
      words: async (stage) => {
        const [path, url] = [await stage.sparseFile(1), await stage.server('real', 'near')];
        return [process.execPath, codexfsProgram, 'stat', '--remote', `box=${url}`, `box:${path}`];
      },
    },
  ],
  rows: [
    timeRow('codexfs --version: time, against node -e 0', nothing.name, [1.5, 1.25], '--version'),
    timeRow('codexfs stat: time, against node -e 0', nothing.name, [2.5, 2], 'stat'),
  ],
};

export const tasks: readonly Task[] = [
  startTask,
  nearTask('download', [1.1, 1.4]),
  nearTask('upload', [1.3, 1.8]),
  farTask('download'),
  farTask('upload'),
  treeTask(small, 'download', 'near', [1, 0.7]),
  treeTask(small, 'upload', 'near', [1.3, 1]),
  treeTask(small, 'download', 'far', [1.5, 1]),
  treeTask(small, 'upload', 'far', [1.5, 1]),
  treeTask(mixed, 'download', 'near', [1.3, 1]),
  treeTask(mixed, 'upload', 'near', [1.3, 1]),
  treeTask(mixed, 'download', 'far', [1, 0.5]),
  treeTask(mixed, 'upload', 'far', [1, 0.5]),
  largeTask('download'),
  largeTask('upload'),
];
