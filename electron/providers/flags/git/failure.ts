import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';

interface Meaning {
  readonly test: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly action?: string;
  readonly retryable?: boolean;
}

const MEANINGS: readonly Meaning[] = [
  {
    test: /not valid: is this a git repository|invalid server response|bad line length/i,
    code: 'provider',
    what: 'what answers there is no Git repository',
    action: "Check the connection's repository, and whether a proxy asks for a login in front of it.",
  },
  {
    test: /could not read (Username|Password)|terminal prompts disabled/,
    code: 'credential',
    what: 'the repository asks for a credential',
    action: 'Give the connection a credential: a token, or user:token.',
  },
  {
    test: /Authentication failed|Access denied|invalid credentials|returned error: 401/i,
    code: 'credential',
    what: 'the credential was not accepted',
    action: "Check the connection's credential.",
  },
  {
    test: /returned error: 403|Permission to .* denied|write access .* not granted|not allowed to (upload|push)|insufficient permission/i,
    code: 'credential',
    what: 'the credential may not do that',
    action: 'Allow it to read and write the contents of this repository.',
  },
  {
    test: /Permission denied \(|Host key verification failed|no mutual signature/,
    code: 'credential',
    what: 'ssh was refused',
    action: 'Check the key that the ssh agent holds, and that the host is in known_hosts.',
  },
  {
    test: /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    code: 'unreachable',
    what: 'the name of the host is not known (DNS)',
  },
  {
    test: /SSL|certificate|schannel|gnutls/i,
    code: 'unreachable',
    what: 'no secure connection',
    action: "Check the certificate; for a private authority give its certificate in the connection's `ca`.",
  },
  { test: /timed out/i, code: 'timeout', what: 'the connection timed out' },
  {
    test: /Connection refused|Failed to connect|Couldn't connect|No route to host|Network is unreachable/i,
    code: 'unreachable',
    what: 'nothing answers there',
  },
  {
    test: /Repository not found|does not appear to be a git repository|repository .* (not found|does not exist)|No such file or directory|not a git repository/i,
    code: 'unreachable',
    what: 'there is no such repository, or the credential may not see it',
    action: "Correct the connection's repository, or the permissions of its credential.",
  },
  {
    test: /returned error: 3\d\d|redirect/i,
    code: 'provider',
    what: 'it was redirected, which is not followed',
    action: "Give the address that it points to as the connection's repository, if that is the repository itself.",
  },
  { test: /returned error: 429/, code: 'rate-limited', what: 'too many requests' },
  { test: /returned error: 5\d\d/, code: 'provider', what: 'the server failed', retryable: true },
  {
    test: /hung up|early EOF|RPC failed|Connection reset|Recv failure|Send failure|Empty reply|Broken pipe|transfer closed|unexpected disconnect/i,
    code: 'unreachable',
    what: 'the connection was cut before the answer was complete',
  },
  { test: /No space left|disk quota/i, code: 'provider', what: 'a disk is full' },
];

/** As much of another system's words as a person reads in an incident. */
const MAX_WORDS = 500;

/** The server's own words (`remote: …`), else git's last ones, on one line. */
export function wordsOf(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.replace(/\p{Cc}/gu, ' ').trim());
  const remote = lines.flatMap((line) => {
    const words = /^remote:(.*)$/.exec(line)?.[1]?.trim() ?? '';
    return words === '' ? [] : [words];
  });
  const own = lines.filter((line) => /^(fatal|error|ssh):/.test(line) || /^\w+@?[\w.-]*: Permission denied/.test(line));
  const chosen = remote.length > 0 ? [...remote, ...own.slice(0, 1)] : own;
  return (chosen.length > 0 ? chosen : lines.filter((line) => line !== '').slice(-1)).join(' ').slice(0, MAX_WORDS);
}

/** What git's failure means. `where` is the repository and what was done. */
export function gitFailure(where: string, stderr: string, redact: (text: string) => string): ScramError {
  const meaning = MEANINGS.find(({ test }) => test.test(stderr));
  const words = redact(wordsOf(stderr));
  const { code = 'provider', what, action, retryable } = meaning ?? {};
  return new ScramError(code, `${where}: ${[what, words].filter(Boolean).join(': ') || 'git failed'}`, {
    ...(action === undefined ? {} : { action }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** The working copy itself is broken: a process was killed at a bad moment, a disk was full. It can be made anew. */
export function isCopyBroken(stderr: string): boolean {
  return /\.lock': File exists|not a git repository: '|bad object|object file .* is empty|corrupt|shallow file has changed|invalid gitfile|bad tree|unable to (read|parse) (object|tree|commit)|bad config/i.test(
    stderr,
  );
}

export type PushOutcome = 'done' | 'overtaken';

/** Someone else was faster: the branch is no longer where it was. */
const OVERTAKEN =
  /\((fetch first|non-fast-forward|stale info|needs force)|cannot lock ref|failed to (update|lock) ref|incorrect old value|reference already exists|remote ref updated since/i;
const PROTECTED =
  /GH00[36]|GH013|protected branch|protected ref|pull request|merge request|changes must be made through|not allowed to push code to protected/i;

/** What became of a push, from its exit, its `--porcelain` lines and the server's words. Throws when it was refused. */
export function pushOutcome(
  result: { code: number; stdout: string; stderr: string },
  where: string,
  branch: string,
  redact: (text: string) => string,
): PushOutcome {
  const line = result.stdout.split('\n').find((text) => text.startsWith('!'));
  if (result.code === 0 && line === undefined) return 'done';
  const reason = line?.split('\t')[2] ?? '';
  if (line === undefined) throw gitFailure(where, result.stderr, redact);
  if (OVERTAKEN.test(reason)) return 'overtaken';
  const words = redact([wordsOf(result.stderr), reason.replace(/^\[\S+ ?\S*\] /, '')].filter(Boolean).join(' '));
  if (PROTECTED.test(`${reason} ${result.stderr}`)) {
    throw new ScramError(
      'approval-required',
      `${where}: branch ${branch} is protected; nothing was written: ${words}`,
      {
        action: `Make the change by a pull request, or allow this credential to push to ${branch}.`,
      },
    );
  }
  throw new ScramError('refused', `${where}: the server refused the push; nothing was written: ${words}`, {
    action: `Look at what the server asks of a push to ${branch}.`,
  });
}
