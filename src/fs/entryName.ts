// What a server may call a directory entry. A name is refused or taken as it is; it is never "cleaned" into another one.

/** Whose rules a name has to obey: `darwin` takes what `posix` takes, and some names of it for one. */
export type NamePlatform = 'posix' | 'darwin' | 'win32';

const reservedOnWindows = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
const forbiddenOnWindows = /[<>:"/\\|?*\u0000-\u001f]/;

/** Why `name` cannot be one entry below a directory on `platform`, in words; undefined if it can. */
export function entryNameProblem(name: string, platform: NamePlatform = hostPlatform()): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it leads to another directory';
  if (name.includes('/')) return 'it holds a separator';
  if (name.includes('\0')) return 'it holds a NUL';
  if (!isWellFormed(name)) return 'it is not valid Unicode';
  if (Buffer.byteLength(name) > 1024) return 'it is too long';
  if (platform !== 'win32') return undefined;
  if (forbiddenOnWindows.test(name)) return 'it holds a character that Windows does not allow';
  if (name.endsWith('.') || name.endsWith(' ')) return 'Windows would drop its last character';
  return reservedOnWindows.test(name) ? 'it is the name of a device on Windows' : undefined;
}

/** Whether a server may have written `name` for one whose bytes are not UTF-8, to which no path leads. */
export function mayStandForAnother(name: string): boolean {
  return name.includes('\ufffd');
}

/** Equal for two names that `platform` may take for one file: darwin and win32 fold case, darwin composes accents too. */
export function nameKey(name: string, platform: NamePlatform): string {
  if (platform === 'posix') return name;
  const folded = name.toLowerCase();
  return platform === 'darwin' ? folded.normalize('NFC') : folded;
}

/** The rules of this host. */
export function hostPlatform(): NamePlatform {
  return process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'posix';
}

/** The rules of a server, by the `platformOs` that it reports. */
export function platformOfServer(platformOs: string | undefined): NamePlatform {
  if (platformOs === 'windows') return 'win32';
  return platformOs === 'macos' ? 'darwin' : 'posix';
}

/** Whether `text` has no lone surrogate: one would be written as U+FFFD and so name another file. */
export function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
