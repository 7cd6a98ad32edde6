// The format of environments.toml: what each field becomes, what is refused, and where a message says that it stands.

import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { parseEnvironments } from '../../src/remotes/environmentsToml.js';
import { Registry, type RemotesFile } from '../../src/remotes/registry.js';
import { describe } from '../helpers/describe.js';
import { environmentsCases } from '../helpers/environmentsCases.js';

const path = '/etc/codex/environments.toml';
const parse = (...lines: string[]): RemotesFile => parseEnvironments(lines.join('\n'), path, '/etc/codex');

function refusal(...lines: string[]): string {
  try {
    parse(...lines);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('environments.toml', (test) => {
  for (const { title, toml, isTaken } of environmentsCases) {
    test(`${isTaken ? 'may have' : 'must not have'} ${title}`, () => {
      const open = () => new Registry({ definitions: [], env: {}, files: [parse(toml)] });
      if (isTaken) open();
      else assert.throws(open, (error: unknown) => error instanceof UsageError && error.message.startsWith(`${path}:`));
    });
  }

  test('defines servers by their URL', () => {
    const { remotes, warnings } = parse(
      '[[environments]]',
      'id = "box"',
      'url = " ws://Box.example:4500/ "',
      'connect_timeout_sec = 2',
      'initialize_timeout_sec = 0.25',
    );
    const target = { kind: 'webSocket', url: 'ws://box.example:4500' } as const;
    assert.equal(remotes, [{ name: 'box', origin: path, target, connectTimeoutMs: 2_000, initializeTimeoutMs: 250 }]);
    assert.equal(warnings, []);
  });

  test('defines servers by a command, in a folder that is relative to the file', () => {
    const { remotes } = parse(
      '[[environments]]',
      'id = "vm"',
      'program = "ssh"',
      'args = ["vm", "codex exec-server --listen stdio"]',
      'cwd = "here"',
      'initialize_timeout_sec = 3',
      '[environments.env]',
      'A = "b"',
    );
    const command = {
      program: 'ssh',
      args: ['vm', 'codex exec-server --listen stdio'],
      env: { A: 'b' },
      cwd: '/etc/codex/here',
    };
    assert.equal(remotes, [
      { name: 'vm', origin: path, target: { kind: 'command', command }, initializeTimeoutMs: 3_000 },
    ]);
  });

  test('keeps a token where nothing shows it', () => {
    const { remotes } = parse('[[environments]]', 'id = "box"', 'url = "wss://h"', 'auth_bearer_token = "very-secret"');
    assert.is(remotes[0]?.token?.reveal(), 'very-secret');
    assert.not.match(
      `${inspect(remotes, { depth: 9 })} ${JSON.stringify(remotes)} ${remotes[0]?.token}`,
      'very-secret',
    );
  });

  test('shows no token in what it says of a broken file', () => {
    for (const line of ['auth_bearer_token = "very-secret" x', 'auth_bearer_token = "very-secret\\u0007"', 'url = 1']) {
      const message = refusal('[[environments]]', 'id = "box"', 'auth_bearer_token = "very-secret"', line);
      assert.not.match(message, 'very-secret');
    }
  });

  test('has a URL that keeps its query and loses user name, password and fragment', () => {
    const { remotes, warnings } = parse('[[environments]]', 'id = "box"', 'url = "wss://u:p@h/a?ticket=1#f"');
    assert.equal(remotes[0]?.target, { kind: 'webSocket', url: 'wss://h/a?ticket=1' });
    assert.equal(warnings, [`${path}:3:1: a user name or password in a url is never sent; use auth_bearer_token`]);
  });

  test('names its default, local, or none at all', () => {
    const remote = ['[[environments]]', 'id = "box"', 'url = "ws://h"'];
    assert.is(parse(...remote).default, undefined);
    assert.equal(parse('# a', 'default = "box"', ...remote).default, { name: 'box', place: `${path}:2:1` });
    assert.equal(parse('default = "None"', ...remote).default, { name: undefined, place: `${path}:1:1` });
  });

  test('warns of unknown fields, each with its place', () => {
    const { warnings } = parse(
      'colour = "red"',
      '[[environments]]',
      'id = "box"',
      'url = "ws://h"',
      '  "shape" = 1',
      '[[environments]]',
      'id = "z"',
      'url = "ws://h"',
      'colour = 2',
    );
    assert.equal(warnings, [
      `${path}:1:1: the field \`colour\` is unknown and passed over`,
      `${path}:5:4: the field \`shape\` is unknown and passed over`,
      `${path}:9:1: the field \`colour\` is unknown and passed over`,
      `${path}:7:1: \`z:\` is a drive, so this remote cannot be named`,
    ]);
  });

  test('is refused with the line and column of what is wrong', () => {
    const first = ['[[environments]]', 'id = "one"', 'url = "ws://h"', ''];
    assert.is(refusal('a = 1', 'b = = 2'), `${path}:2:5: this is not TOML: invalid value`);
    assert.is(refusal(...first, ' [[environments]]', 'url = "ws://h"'), `${path}:5:2: a remote without an id`);
    assert.match(refusal(...first, '[[environments]]', '  id = "a b"'), `${path}:6:3: \`a b\` is no name of a remote`);
    assert.is(refusal('', 'default = 1'), `${path}:2:1: default is not a string`);
    assert.is(
      refusal(...first, '[[environments]]', 'id = "x"', 'program = "p"', '[environments.env]', 'A = 1'),
      `${path}:8:15: env is not a table of strings`,
    );
  });
});
