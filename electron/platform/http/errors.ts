import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';

const TLS = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;

const KINDS: Readonly<Record<string, { code: ErrorCode; what: string }>> = {
  ECONNREFUSED: { code: 'unreachable', what: 'the connection was refused: nothing listens there' },
  ENOTFOUND: { code: 'unreachable', what: 'the name of the host is not known (DNS)' },
  EAI_AGAIN: { code: 'unreachable', what: 'the name server does not answer (DNS)' },
  ECONNRESET: { code: 'unreachable', what: 'the connection was reset' },
  EPIPE: { code: 'unreachable', what: 'the connection was closed' },
  UND_ERR_SOCKET: { code: 'unreachable', what: 'the connection was closed before the answer was complete' },
  EHOSTUNREACH: { code: 'unreachable', what: 'there is no route to the host' },
  ENETUNREACH: { code: 'unreachable', what: 'the network is not reachable' },
  ETIMEDOUT: { code: 'timeout', what: 'the connection timed out' },
  UND_ERR_CONNECT_TIMEOUT: { code: 'timeout', what: 'the connection timed out' },
  UND_ERR_BODY_TIMEOUT: { code: 'timeout', what: 'nothing came for too long' },
  UND_ERR_HEADERS_TIMEOUT: { code: 'timeout', what: 'no answer in time' },
  UND_ERR_HEADERS_OVERFLOW: { code: 'too-large', what: 'the headers of the answer are too large' },
};

/**
 * Names what went wrong on the wire, by kind. `where` is method and address, with no query and no credentials; `via` the
 * proxy on the way, without its credentials.
 */
export function wireFailure(where: string, cause: unknown, via: string | null = null): ScramError {
  const errno = codeOf(cause);
  const through = via === null ? '' : `, through the proxy ${via}`;
  const refused = via === null ? null : proxyRefusal(where, cause, via);
  if (refused !== null) return refused;
  const known = KINDS[errno];
  if (known !== undefined) return new ScramError(known.code, `${where}: ${known.what} (${errno})${through}`, { cause });
  if (TLS.test(errno)) {
    return new ScramError('unreachable', `${where}: no secure connection (${errno})${through}`, {
      action: "Check the certificate; for a private authority give its certificate in the connection's `ca`.",
      cause,
    });
  }
  if (cause instanceof Error && cause.name === 'HTTPParserError') {
    return new ScramError('provider', `${where}: what answers there does not speak HTTP`, { cause });
  }
  const what = errno === '' ? 'the exchange failed' : `the exchange failed (${errno})`;
  return new ScramError('unreachable', `${where}: ${what}${through}`, { cause });
}

/** undici tells the status with which a proxy refused a tunnel in its words alone. */
function proxyRefusal(where: string, cause: unknown, via: string): ScramError | null {
  const status = cause instanceof Error ? /^Proxy response \((\d+)\)/.exec(cause.message)?.[1] : undefined;
  if (status === undefined) return null;
  if (status === '407') {
    return new ScramError('credential', `${where}: the proxy ${via} asks for a user and a password (407)`, {
      action: 'Give them in the HTTPS_PROXY variable: http://user:password@proxy:port.',
      cause,
    });
  }
  return new ScramError('unreachable', `${where}: the proxy ${via} made no connection (${status})`, {
    action: 'Check that the proxy allows this address, or name the address in NO_PROXY.',
    cause,
  });
}

/** The error of a 401 or 403; null for every other status. */
export function credentialRefusal(where: string, status: number): ScramError | null {
  if (status !== 401 && status !== 403) return null;
  return new ScramError('credential', `${where}: the credential was not accepted (${status})`, {
    action: "Check the connection's credential and its permissions.",
  });
}

/** The system's code of an error, also of one that wraps the attempts on several addresses. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return own === '' && error.cause !== undefined ? codeOf(error.cause) : own;
}

/** Where a redirect points, without user, password and query, which may carry secrets. */
export function redirectTarget(location: string | undefined, from: URL): string {
  if (location === undefined) return 'nowhere (no Location)';
  try {
    const target = new URL(location, from);
    return `${target.protocol}//${target.host}${target.pathname}`;
  } catch {
    return 'an address that cannot be read';
  }
}
