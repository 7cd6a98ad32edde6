// Where remotes come from, which definition wins, and what is said of a name that is none.

import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { Registry, urlRemote } from '../../src/remotes/registry.js';
import { describe } from '../helpers/describe.js';

function registry(definitions: readonly string[], env: Record<string, string> = {}): Registry {
  return new Registry({ definitions, env });
}

function refusal(call: () => unknown): UsageError {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const url = (address: string) => ({ kind: 'webSocket', url: address }) as const;

describe('the registry', (test) => {
  test('knows remotes by URL and by command, and local', () => {
    const remotes = registry(['box=ws://h:1', 'my-vm_2=exec:ssh vm "codex exec-server" --listen stdio']);
    assert.equal(remotes.find('box', 'box:a'), { name: 'box', origin: '--remote', target: url('ws://h:1') });
    assert.equal(remotes.find('my-vm_2', 'x').target, {
      kind: 'command',
      command: { program: 'ssh', args: ['vm', 'codex exec-server', '--listen', 'stdio'] },
    });
    const { target } = remotes.find('local', 'local:a');
    if (target.kind !== 'command') throw new Error('local is no command');
    assert.is(target.command.program, process.execPath);
    assert.equal(target.command.args.slice(1), ['serve', '--listen', 'stdio']);
    assert.ok(target.command.args[0]?.endsWith('bin/codexfs.js'));
    assert.equal(
      remotes.remotes.map(({ name }) => name),
      ['box', 'my-vm_2', 'local'],
    );
  });

  test('knows app-servers by what stands before their address', () => {
    const remotes = registry(['ide=app+ws://h:1', 'child=app+exec:codex app-server'], {
      CODEX_EXEC_SERVER_URL: 'app+ws://env:1',
    });
    assert.equal(remotes.find('ide', 'x'), {
      name: 'ide',
      origin: '--remote',
      kind: 'app-server',
      target: url('ws://h:1'),
    });
    assert.equal(remotes.find('child', 'x').target, {
      kind: 'command',
      command: { program: 'codex', args: ['app-server'] },
    });
    assert.equal([remotes.find('child', 'x').kind, remotes.find('remote', 'x').kind], ['app-server', 'app-server']);
    assert.is(remotes.find('local', 'x').kind, undefined);
  });

  test('takes the first definition of a name', () => {
    const env = { CODEX_EXEC_SERVER_URL: 'ws://env:1' };
    const remotes = registry(['box=ws://first:1', 'box=ws://second:1', 'remote=ws://mine:1', 'local=ws://l:1'], env);
    assert.equal(remotes.find('box', 'x').target, url('ws://first:1'));
    assert.equal(remotes.find('remote', 'x'), { name: 'remote', origin: '--remote', target: url('ws://mine:1') });
    assert.equal(remotes.find('local', 'x').target, url('ws://l:1'));
    assert.equal(registry([], env).find('remote', 'x'), {
      name: 'remote',
      origin: 'CODEX_EXEC_SERVER_URL',
      target: url('ws://env:1'),
    });
  });

  test('passes over an empty variable', () => {
    assert.not(registry([], { CODEX_EXEC_SERVER_URL: '' }).has('remote'));
  });

  test('has a default when there is one remote besides local', () => {
    assert.is(registry(['box=ws://h:1']).find('', ':a').name, 'box');
    assert.is(registry([], { CODEX_EXEC_SERVER_URL: 'ws://h:1' }).find('', ':a').name, 'remote');
  });

  test('has no default when there are none or several', () => {
    const none = refusal(() => registry([]).find('', ':a'));
    assert.match(none.message, 'no remote is configured');
    assert.match(none.hint ?? '', 'CODEX_EXEC_SERVER_URL');
    assert.match(refusal(() => registry(['aa=ws://h', 'bb=ws://h']).find('', ':a')).message, 'several: aa:, bb:');
  });

  test('says which name was meant, and how to name a local file', () => {
    const error = refusal(() => registry(['devbox=ws://h']).find('devbxo', 'devbxo:/a'));
    assert.is(error.message, 'there is no remote called `devbxo`');
    assert.match(error.hint ?? '', 'did you mean devbox:?');
    assert.match(error.hint ?? '', './devbxo:/a');
    assert.not.match(refusal(() => registry(['devbox=ws://h']).find('other', 'other:')).hint ?? '', 'did you mean');
  });

  for (const definition of [
    'box',
    '=ws://h',
    'b=ws://h',
    'a.b=ws://h',
    `${'x'.repeat(65)}=ws://h`,
    'box=',
    'box=h:1',
  ]) {
    test(`refuses the definition ${definition}`, () => {
      assert.is(refusal(() => registry([definition])).code, 'usage');
    });
  }

  for (const definition of ['box=exec:', 'box=exec:  ', 'box=exec:"a', 'box=http://h', 'box=ws://']) {
    test(`refuses what cannot be reached: ${definition}`, () => {
      assert.is(refusal(() => registry([definition])).code, 'usage');
    });
  }

  test('does not show a password, wherever it was put', () => {
    for (const definition of [
      'box=ws://u:secret@h',
      'b=ws://u:secret@h',
      'box=ws://u:secret/x@h',
      'b=ws://h?t=secret',
    ]) {
      const error = refusal(() => registry([definition]));
      assert.not.match(`${error.message} ${inspect(error)}`, 'secret');
    }
    const error = refusal(() => registry([], { CODEX_EXEC_SERVER_URL: 'ws://u:secret@h' }));
    assert.not.match(`${error.message} ${inspect(error)}`, 'secret');
  });

  test('makes a remote of a bare URL', () => {
    assert.equal(urlRemote('ws://h:1'), { name: 'ws://h:1', origin: 'command line', target: url('ws://h:1') });
  });
});
