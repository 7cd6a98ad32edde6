// Who may connect: the address that is listened on, the Host and Origin that a browser would send, and the bearer token.

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../errors.js';

export type ListenAddress =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'ws'; readonly host: string; readonly port: number };

/** `ws://IP:PORT` or `stdio`. @throws {UsageError} */
export function parseListenAddress(text: string): ListenAddress {
  if (text === 'stdio' || text === 'stdio://') return { kind: 'stdio' };
  const match = /^ws:\/\/(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})\/?$/i.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (isIP(host) === 0 || !(port <= 65_535)) {
    throw new UsageError(`cannot listen on \`${text}\`: expected ws://IP:PORT or stdio`, {
      hint: 'for example ws://127.0.0.1:0, where port 0 takes any free one',
    });
  }
  return { kind: 'ws', host, port };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this host can reach `ip`. */
export function isLoopback(ip: string): boolean {
  return loopback.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
}

/** The SHA-256 of the one token that is accepted. */
export type TokenDigest = Buffer;

/** Reads a token from a file that only its owner can read; white space around it does not count. @throws {UsageError} */
export async function readTokenFile(path: string): Promise<TokenDigest> {
  const { mode } = await attempt(path, () => stat(path));
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new UsageError(`the token file ${path} can be read by others`, { hint: `chmod 600 ${path}` });
  }
  const token = (await attempt(path, () => readFile(path, 'utf8'))).trim();
  if (token === '') throw new UsageError(`the token file ${path} is empty`);
  return digestOf(token);
}

/** @throws {UsageError} unless `hex` is 64 hexadecimal digits */
export function parseTokenDigest(hex: string): TokenDigest {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new UsageError('the SHA-256 of a token is 64 hexadecimal digits');
  return Buffer.from(hex, 'hex');
}

export interface AccessRules {
  /** Undefined: everyone who reaches the port may connect. */
  readonly token: TokenDigest | undefined;
  /** Names that a `Host` header may give besides IP addresses and `localhost`. */
  readonly allowedHosts: readonly string[];
}

/** A refusal as an HTTP status. */
export interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly text: string;
}

/**
 * Why a request may not come in, before anything else of it is looked at. Only web pages send `Origin`, and none may; a
 * name in `Host` that is not ours means that a page's own name was pointed at this address (DNS rebinding).
 */
export function refusalOfSource(request: IncomingMessage, rules: AccessRules): Refusal | undefined {
  if (headerValues(request, 'origin').length > 0) return { status: 403, text: 'requests from web pages are refused' };
  const hosts = headerValues(request, 'host');
  const [host] = hosts;
  if (host === undefined || hosts.length > 1 || !isOwnHost(host, request.socket.localPort, rules.allowedHosts)) {
    return { status: 403, text: 'the Host is not this server' };
  }
  return undefined;
}

/** Why the bearer of `request` may not come in. */
export function refusalOfToken(request: IncomingMessage, rules: AccessRules): Refusal | undefined {
  if (rules.token === undefined) return undefined;
  const values = headerValues(request, 'authorization');
  const token = values.length === 1 ? /^Bearer +(\S+)$/i.exec(values[0] ?? '')?.[1] : undefined;
  // Digests are of one length whatever was sent, so that the time to compare says nothing.
  if (token !== undefined && timingSafeEqual(digestOf(token), rules.token)) return undefined;
  return { status: 401, text: 'a valid token is needed' };
}

function isOwnHost(host: string, port: number | undefined, allowed: readonly string[]): boolean {
  const lower = host.toLowerCase();
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(lower);
  const name = match?.[1];
  if (name === undefined) return false;
  // A proxy in front listens on a port of its own.
  if (allowed.some((entry) => [lower, name].includes(entry.toLowerCase()))) return true;
  if (Number(match?.[2] ?? 80) !== port) return false;
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** All values of a header, since Node joins or drops repeated ones. */
function headerValues(request: IncomingMessage, name: string): string[] {
  return request.rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === name);
}

function digestOf(token: string): TokenDigest {
  return createHash('sha256').update(token, 'utf8').digest();
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new UsageError(`cannot read the token file ${path}`, { cause });
  }
}
