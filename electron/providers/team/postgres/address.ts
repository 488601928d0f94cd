import { ScramError } from '../../../../shared/model/error.ts';
import { redactor } from '../../shared/credential.ts';

export interface PostgresAddress {
  /** `PostgreSQL at host:port/database`: for people, without user and password. */
  readonly name: string;
  /** A host, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: boolean;
  /** Takes the secret out of words that a person will see (E2). */
  readonly redact: (text: string) => string;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const ACTION =
  'Give the connection string as postgres://user:password@host:5432/database, with %-escapes for / : @ ? # in the password.';

/**
 * Reads a connection string. Read here and not by the library, whose complaints would repeat it (E2), and which fills
 * what is missing from the environment. Over a network it is TLS with a checked certificate unless `?sslmode=disable` says
 * otherwise; on this machine itself it is without, unless a private authority or a mode asks for it. Throws `credential`,
 * without the text.
 */
export function readAddress(connectionString: string, privateAuthority = false): PostgresAddress {
  const text = connectionString.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) throw unreadable('cannot be read');
  const socket = url.searchParams.get('host');
  const host = socket ?? url.hostname.replace(/^\[|\]$/g, '');
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  if (!user) throw unreadable('names no user');
  if (!database || host === '') throw unreadable(`names no ${database ? 'host' : 'database'}`);
  const port = Number(url.port || 5432);
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !/^(disable|require|verify-ca|verify-full)$/.test(mode)) {
    throw new ScramError('credential', 'the connection string of the team store has an unknown sslmode', {
      action: 'Use sslmode=disable, or leave it out: the certificate is then checked.',
    });
  }
  for (const key of url.searchParams.keys()) {
    if (key !== 'sslmode' && key !== 'host') throw unreadable('has a parameter other than sslmode and host');
  }
  const near = LOOPBACK.test(host) || host.startsWith('/');
  return {
    name: `PostgreSQL at ${host}:${port}/${database}`,
    host,
    port,
    database,
    user,
    password: password ?? '',
    tls: mode === null ? privateAuthority || !near : mode !== 'disable',
    redact: redactionOf(text, url, user, password ?? ''),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable('has a % that is no escape');
  }
}

function unreadable(what: string): ScramError {
  return new ScramError('credential', `the connection string of the team store ${what}`, { action: ACTION });
}

function redactionOf(text: string, url: URL, user: string, password: string): (words: string) => string {
  if (password === '') return (words) => words;
  const known = redactor({ kind: 'basic', user, password });
  return (words) => known(words.replaceAll(text, '[redacted]').replaceAll(url.password, '[redacted]'));
}
