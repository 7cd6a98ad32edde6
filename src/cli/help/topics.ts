// The texts of `codexfs help TOPIC`. The man pages tell the same at length.

import type { TopicName } from './topicNames.js';

/** Each topic but `options`, which is made of the options themselves. */
export const topics: Readonly<Record<Exclude<TopicName, 'options'>, string>> = {
  locations: `Locations: what a word on the command line means.

  NAME:PATH            a path on the remote NAME, two or more letters
  :PATH                a path on the default remote
  ws://HOST:PORT/PATH  a path on the exec-server there, absolute and
                       percent-encoded; also wss://
  local:PATH           a path here, through an exec-server of its own
  PATH                 a local path; ./a:b, /a:b and C:\\x are always local
  -                    standard input as a source, standard output as a
                       destination

A relative remote path starts in the server's working directory, and ~/ is
its home directory. A name that is not defined is an error, never a local
file. In remote paths codexfs itself expands *, ?, [a-z], {a,b} and **.

  codexfs cp box:'logs/**/*.gz' .      quoted, so that the shell leaves it be
  codexfs ls :                         the working directory of the server
  codexfs cp one:a.txt two:a.txt       from one server to another
`,
  remotes: `Remotes: where the names before a colon come from, the first one counts.

  --remote NAME=ws://HOST:PORT          on the command line; also wss://
  --remote NAME='exec:PROGRAM ARGS…'    a server on its standard streams
  ~/.config/codexfs/config.toml         or $CODEXFS_CONFIG
  ~/.codex/environments.toml            what Codex itself uses; $CODEX_HOME
  CODEX_EXEC_SERVER_URL                 a URL, as the remote called remote
  local                                 this machine, always there

A token is read from the file that defines the remote, from --token-file, or
from CODEX_EXEC_SERVER_CONNECTION_TOKEN. It is sent over wss: or to this
machine only, unless --insecure-token says otherwise.

  codexfs remotes                       which there are, and from where
  codexfs doctor box                    what a server can do, and how fast
  codexfs ls --remote 'box=exec:ssh box codex exec-server --listen stdio' box:

codexfs-remotes(5) has the files with all their fields.
`,
  filters: `Filters: which files of a directory are copied.

  --exclude GLOB        leave out what matches
  --include GLOB        take what matches after all
  --exclude-from FILE   globs from a file, one a line

Globs mean what they mean in a .gitignore file: a name matches at any depth,
a / in front or in the middle ties the glob to the directory that is copied,
a / at the end matches directories only. The last one that matches counts.

  codexfs cp -r --exclude node_modules --exclude '*.o' src box:w/
  codexfs cp -r --exclude '/logs/*' --include '/logs/today.txt' box:w .
  codexfs find box:w --name '*.c' -0 | codexfs cp --files-from - -0 box:w .
`,
  json: `JSON: one object a line on standard output, each with v and type.

Sizes are numbers of bytes, times RFC 3339 in UTC, and what is not known is
null. The last record is always the summary, after a failure and ^C too.
Where standard output receives the data, --report FILE takes the records.

  codexfs cp -r --json src box:w/ | jq -es 'last.exitStatus == 0'
  codexfs cp -r --json src box:w/ | jq -r 'select(.type=="error").location'
  codexfs stat --json box:log | jq 'select(.type == "stat") | .sizeBytes'

The members of every record are in schema/records.json of this package, and
explained in docs/JSON.md of its sources.
`,
  'exit-codes': `Exit status: what became of it.

    0  everything asked for is in place, and its bytes are the source's
    1  some items failed, the others are in place
    2  wrong use or configuration; nothing was attempted
    3  source not found
    4  refused: wrong kind of file, one file on both sides, an unsafe name
    5  permission denied
    6  wrong bytes: the source changed, or verification failed
    7  cannot connect, authenticate or shake hands; nothing was written
    8  the server lacks what was asked for, or a limit was exceeded
    9  the destination could not be written
   10  the connection was lost, timed out, or broke the protocol; try again
   70  a bug in codexfs
  129, 130, 143   ended by SIGHUP, ^C, SIGTERM
  141  the reader of standard output went away

Several failures are 1 if anything was copied, else the first one's number; 9
and 10 stay what they are when they end the whole run. diff has its own: 0 the
same, 1 different, 2 trouble; a sum that does not match is 1.
`,
};
