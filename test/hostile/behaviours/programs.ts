// Servers on stdio that misbehave as programs: garbage, floods, lines without end, children that hold the pipes.

import type { Behaviour } from './Behaviour.js';

const cannotConnect = [7];

/** Greets properly and then does as `then` says at the first further request, which is `message`. */
function afterGreeting(then: string): string {
  const hello = {
    sessionId: 'x',
    environmentInfo: { platformOs: 'linux', capabilities: { fileWriteStreaming: true } },
  };
  return `
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.method === 'initialize') console.log(JSON.stringify({ id: message.id, result: ${JSON.stringify(hello)} }));
      else if (message.id !== undefined) { ${then} }
    });`;
}

export const programs: readonly Behaviour[] = [
  { title: 'says nothing', program: 'setInterval(() => {}, 1000)', statuses: cannotConnect },
  { title: 'prints garbage', program: `console.log('Welcome!\\x1b[2J')`, statuses: cannotConnect },
  { title: 'ends at once', program: 'process.exit(3)', statuses: cannotConnect },
  {
    title: 'prints a line without end',
    program: `const more = () => process.stdout.write('x'.repeat(65536), more); more()`,
    statuses: cannotConnect,
  },
  {
    title: 'floods stderr and never answers',
    program: `const more = () => process.stderr.write('\\x1b[2Jx'.repeat(10000), more); more(); process.stdin.resume()`,
    statuses: cannotConnect,
  },
  {
    title: 'leaves a child with its output',
    program: `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); setTimeout(() => process.exit(0), 100)`,
    statuses: cannotConnect,
  },
  {
    title: 'answers with a line without end',
    program: afterGreeting(`const more = () => process.stdout.write('x'.repeat(65536), more); more()`),
    statuses: [10],
  },
  {
    title: 'answers with empty lines without end',
    program: afterGreeting(`const more = () => process.stdout.write('\\n'.repeat(65536), more); more()`),
    statuses: [10],
  },
  { title: 'is killed', program: afterGreeting(`process.kill(process.pid, 'SIGKILL')`), statuses: [10] },
  { title: 'answers NULs', program: afterGreeting(`console.log('\\0'.repeat(1000))`), statuses: [10] },
];
