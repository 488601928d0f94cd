import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';
import { wireFailure } from '../../../platform/http/errors.ts';

interface Meaning {
  readonly test: RegExp;
  readonly code: ErrorCode;
  readonly action?: string;
  readonly retryable?: boolean;
}

/** Redis begins an error with a word in capitals; the rest is for people ("RESP protocol spec", simple errors). */
const MEANINGS: readonly Meaning[] = [
  { test: /^NOAUTH|^ERR operation not permitted/, code: 'credential', action: 'Give the connection a credential.' },
  {
    test: /^WRONGPASS|invalid password|without any password configured/,
    code: 'credential',
    action: "Correct the connection's credential: the password, or user:password.",
  },
  {
    test: /^NOPERM|user executing the script can't/,
    code: 'credential',
    action:
      'Allow this user to run the commands eval, get, mget, set, scan, pexpire and pttl on these keys (ACL SETUSER).',
  },
  {
    test: /^READONLY/,
    code: 'refused',
    action: 'Give the address of the primary server: this one is a replica.',
  },
  {
    test: /^(MOVED|ASK|CROSSSLOT)/,
    code: 'refused',
    action: 'Give the address of a server that is no cluster, or of a proxy in front of it: clusters are not read.',
  },
  { test: /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY)/, code: 'provider', retryable: true },
  { test: /max number of clients reached/, code: 'provider', retryable: true },
  { test: /^OOM/, code: 'provider', action: 'Free memory in Redis, or raise maxmemory.' },
  { test: /^MISCONF/, code: 'provider', action: 'Look at the disk of the server: it takes no writes it cannot save.' },
  { test: /^NOREPLICAS/, code: 'provider', action: 'Look at the replicas: the server takes no writes without them.' },
  {
    test: /^(ERR )?DB index is out of range/,
    code: 'refused',
    action: "Correct the database in the connection's url.",
  },
];

/** The error that Redis answered, by its meaning. `where` is the address and what was asked. */
export function replyFailure(where: string, words: string): ScramError {
  const meaning = MEANINGS.find(({ test }) => test.test(words));
  const { code = 'provider', action, retryable } = meaning ?? {};
  return new ScramError(code, `${where}: ${words.slice(0, 300)}`, {
    ...(action === undefined ? {} : { action }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** What went wrong between here and there. */
export function connectionFailure(where: string, error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  const name = error instanceof Error ? error.constructor.name : '';
  if (name === 'ConnectionTimeoutError') {
    return new ScramError('timeout', `${where}: the connection timed out`, { cause: error });
  }
  if (/^(SocketClosed|DisconnectsClient|ClientClosed|ClientOffline)/.test(name)) {
    return new ScramError('unreachable', `${where}: the connection was closed before the answer was complete`, {
      cause: error,
    });
  }
  if (name === 'Error' && error instanceof Error && /RESP type/.test(error.message)) {
    return new ScramError('provider', `${where}: what answers there does not speak Redis`, { cause: error });
  }
  return wireFailure(where, error);
}

/** True for an answer of the server, as opposed to a failure on the way. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && /^(ErrorReply|SimpleError|BlobError)$/.test(error.constructor.name);
}
