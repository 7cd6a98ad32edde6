// A server that says it is Windows and keeps its files in memory by their URIs. It has whole files only, as releases from 0.148
// on want their paths, and knows no directory but those that a path ends in a slash or has a file below.

import { type EvilServer, evilServer, fail } from './evilServer.js';

export interface WindowsServer extends AsyncDisposable {
  readonly url: string;
  /** Contents by URI, as they were sent. */
  readonly files: Map<string, Buffer>;
}

const environmentInfo = {
  executorVersion: '0.157.0',
  platformOs: 'windows',
  cwd: 'file:///C:/work',
  userHomeDir: 'file:///C:/Users/me',
  capabilities: {},
};
/** Drives, a share, and a few directories. */
const directories = /^file:\/\/(\/[A-Z]:\/?(d|work|Users|Users\/me)?|host\/share)\/?$/;
const notFound = () => fail(-32004, 'The system cannot find the file specified. (os error 2)');

export async function windowsServer(): Promise<WindowsServer> {
  const files = new Map<string, Buffer>();
  const server: EvilServer = await evilServer({
    initialize: () => ({ sessionId: 'test', environmentInfo }),
    'fs/getMetadata': ({ params }) => {
      const content = files.get(String(params.path));
      const isDirectory = directories.test(String(params.path));
      if (content === undefined && !isDirectory) return notFound();
      return { isDirectory, isFile: !isDirectory, size: content?.length ?? 0, createdAtMs: 0, modifiedAtMs: 1 };
    },
    'fs/readFile': ({ params }) => {
      const content = files.get(String(params.path));
      return content === undefined ? notFound() : { dataBase64: content.toString('base64') };
    },
    'fs/writeFile': ({ params }) => {
      files.set(String(params.path), Buffer.from(String(params.dataBase64), 'base64'));
      return {};
    },
    'fs/createDirectory': () => ({}),
    'fs/canonicalize': ({ params }) => ({ path: params.path }),
  });
  return { url: server.url, files, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
