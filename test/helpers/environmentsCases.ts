// Texts of environments.toml and what becomes of them: for the parser of codexfs, and for Codex itself to confirm.

export interface EnvironmentsCase {
  readonly title: string;
  readonly toml: string;
  /** Whether the file counts as right. */
  readonly isTaken: boolean;
  /** What Codex makes of it, where that is deliberately something else. */
  readonly isTakenByCodex?: boolean;
}

const box = (fields: string) => `[[environments]]\nid = "box"\n${fields}\n`;
const named = (id: string) => `[[environments]]\nid = "${id}"\nurl = "ws://h:1"\n`;

const taken: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a byte order mark': '\uFEFFdefault = "none"',
  'carriage returns': 'default = "none"\r\n',
  'an array in one line': 'environments = [{ id = "box", url = "ws://h:1" }]',
  'a default that is a remote': `default = "box"\n${named('box')}`,
  'blanks around the default': `default = " box "\n${named('box')}`,
  'no default, in capitals': 'default = "NONE"',
  'the default local': 'default = "local"',
  'no local': 'include_local = false',
  'a name of one letter': named('a'),
  'a name of 64 characters': named('x'.repeat(64)),
  'Local with a capital': named('Local'),
  'a remote called remote': named('remote'),
  'two names that differ in case': named('box') + named('BOX'),
  'blanks around a url': box('url = " ws://h:1 "'),
  'a url with a path': box('url = "ws://h:1/a/b"'),
  'a url with a query': box('url = "wss://h/a?ticket=1"'),
  'a url with a fragment': box('url = "wss://h/a#x"'),
  'a url with a password': box('url = "ws://u:p@h:1"'),
  'blanks around a program': box('program = " ssh "'),
  'a relative cwd': box('program = "x"\ncwd = "a/../b"'),
  'a program with everything': box(
    'program = "x"\nargs = ["a"]\nenv = { A = "b" }\ncwd = "/"\ninitialize_timeout_sec = 1.5',
  ),
  'a time-out of an integer': box('url = "ws://h:1"\nconnect_timeout_sec = 5'),
  'a time-out of a fraction': box('url = "ws://h:1"\nconnect_timeout_sec = 0.5'),
  'a time-out of 0': box('url = "ws://h:1"\nconnect_timeout_sec = 0'),
  'a time-out of ages': box('url = "ws://h:1"\nconnect_timeout_sec = 1e15'),
  'a token over wss': box('url = "wss://h"\nauth_bearer_token = "t"'),
  'a token within this host': box('url = "ws://127.0.0.1:1"\nauth_bearer_token = "t"'),
  'an empty token': box('url = "wss://h"\nauth_bearer_token = ""'),
  'a token with a blank in it': box('url = "wss://h"\nauth_bearer_token = "a b"'),
  skills: box('url = "ws://h:1"\nskills = { required = ["a"] }'),
};

const refused: Readonly<Record<string, string>> = {
  'what is not TOML': 'a = = 1',
  'a key twice': 'default = "none"\ndefault = "none"',
  'a table for the array': '[environments]\nid = "box"',
  'a default that is a number': 'default = 1',
  'a default of blanks': 'default = " "',
  'a default that is not there': 'default = "box"',
  'the default local without local': 'default = "local"\ninclude_local = false',
  'no name': '[[environments]]\nurl = "ws://h:1"',
  'an empty name': named(''),
  'a name with a blank': named(' a'),
  'a name with a dot': named('a.b'),
  'a name with an umlaut': named('bücher'),
  'a name of 65 characters': named('x'.repeat(65)),
  'the name local': named('local'),
  'the name None': named('None'),
  'a name twice': named('box') + named('box'),
  'neither url nor program': box(''),
  'both url and program': box('url = "ws://h:1"\nprogram = "x"'),
  'a url of blanks': box('url = " "'),
  'a url of another scheme': box('url = "http://h:1"'),
  'a url in capitals': box('url = "WS://h:1"'),
  'a url without a host': box('url = "ws://"'),
  'a url with a blank inside': box('url = "ws://a b"'),
  'a program of blanks': box('program = " "'),
  'args alone': box('args = ["a"]'),
  'args for a url': box('url = "ws://h:1"\nargs = []'),
  'env for a url': box('url = "ws://h:1"\nenv = { A = "b" }'),
  'cwd for a url': box('url = "ws://h:1"\ncwd = "/"'),
  'args that are numbers': box('program = "x"\nargs = [1]'),
  'env of numbers': box('program = "x"\nenv = { A = 1 }'),
  'a time-out to connect to a program': box('program = "x"\nconnect_timeout_sec = 1'),
  'a time-out below 0': box('url = "ws://h:1"\nconnect_timeout_sec = -1'),
  'a time-out without end': box('url = "ws://h:1"\nconnect_timeout_sec = inf'),
  'a time-out that is text': box('url = "ws://h:1"\nconnect_timeout_sec = "5s"'),
  'a token for a program': box('program = "x"\nauth_bearer_token = "t"'),
  'a token of two lines': box('url = "wss://h"\nauth_bearer_token = "a\\nb"'),
};

/** Where codexfs does not do as Codex does. docs/REMOTES.md says why. */
const different: readonly EnvironmentsCase[] = [
  { title: 'an unknown field', toml: 'bogus = 1', isTaken: true, isTakenByCodex: false },
  {
    title: 'an unknown field of a remote',
    toml: box('url = "ws://h:1"\nbogus = 1'),
    isTaken: true,
    isTakenByCodex: false,
  },
  {
    title: 'a token in the clear, which is never sent',
    toml: box('url = "ws://h:1"\nauth_bearer_token = "t"'),
    isTaken: true,
    isTakenByCodex: false,
  },
  { title: 'a port that cannot be', toml: box('url = "ws://h:99999"'), isTaken: false, isTakenByCodex: true },
  {
    title: 'a token that is not ASCII',
    toml: box('url = "wss://h"\nauth_bearer_token = "ü"'),
    isTaken: false,
    isTakenByCodex: true,
  },
];

export const environmentsCases: readonly EnvironmentsCase[] = [
  ...Object.entries(taken).map(([title, toml]) => ({ title, toml, isTaken: true })),
  ...Object.entries(refused).map(([title, toml]) => ({ title, toml, isTaken: false })),
  ...different,
];
