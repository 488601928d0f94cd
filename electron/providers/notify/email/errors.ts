import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';

interface SmtpFailure {
  readonly code: string;
  /** The system's or the TLS library's code beneath. */
  readonly beneath: string;
  /** The server's reply code; null when it said nothing. */
  readonly reply: number | null;
  readonly command: string;
}

/** TLS failures come with OpenSSL's or Node's own codes, which are words of no server. */
const TLS = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;

const UNREACHABLE: Readonly<Record<string, string>> = {
  EDNS: 'the name of the server is not known (DNS)',
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to the server',
  ENETUNREACH: 'the network is not reachable',
};

/**
 * What a failure of nodemailer means. Its messages and responses repeat what the server said, which may hold what it was
 * sent: only its codes are read (E2). `where` is host and port.
 */
export function smtpError(where: string, error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  const failure = read(error);
  const { code, beneath, reply, command } = failure;
  const tail = reply === null ? '' : ` (${reply})`;
  const make = (kind: ErrorCode, what: string, options: { action?: string; retryable?: boolean } = {}): ScramError =>
    new ScramError(kind, `mail server ${where}: ${what}${tail}`, options);

  if (code === 'ETIMEDOUT') return make('timeout', 'no answer in time');
  if (TLS.test(beneath) || TLS.test(code)) {
    return make('unreachable', `no secure connection (${TLS.test(beneath) ? beneath : code})`, {
      action: 'Check its certificate; for a private authority give its certificate in ca.',
    });
  }
  if (code === 'ETLS' || command === 'STARTTLS') {
    return make('provider', 'offers no encryption (STARTTLS), so nothing was sent', {
      retryable: false,
      action: 'Set security to tls if it encrypts from the first byte; to none only where nobody can listen.',
    });
  }
  if (reply === 421 || reply === 450 || reply === 451 || reply === 452 || reply === 454) {
    return make('provider', 'cannot take it for now', { retryable: true });
  }
  if (code === 'EAUTH' || reply === 535 || reply === 534) {
    return make('credential', 'did not accept user and password', {
      action: 'Check the credential: user:password, as the server wants them.',
    });
  }
  if (reply === 530) {
    return make('credential', 'asks for user and password, or for encryption', {
      action: 'Give a credential, and security starttls or tls.',
    });
  }
  if (code === 'EENVELOPE' || (reply !== null && reply >= 500)) {
    const what =
      command === 'MAIL FROM'
        ? "refused the sender's address"
        : command === 'RCPT TO'
          ? 'refused the recipients'
          : 'refused the mail';
    return make('refused', what, { action: 'Check from and to, and whether the server lets this user send so.' });
  }
  if (code === 'EPROTOCOL') return make('provider', 'what answers there does not speak SMTP', { retryable: false });
  const known = UNREACHABLE[code] ?? UNREACHABLE[beneath];
  return make('unreachable', known ?? 'the connection was broken off');
}

function read(error: unknown): SmtpFailure {
  const own = (name: string): unknown =>
    typeof error === 'object' && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined;
  const word = (value: unknown): string =>
    typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(value) ? value : '';
  const reply = own('responseCode');
  const command = own('command');
  const cause = own('cause');
  const causeCode = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return {
    code: word(own('code')),
    beneath: word(own('originalCode')) || word(causeCode),
    reply: typeof reply === 'number' && reply >= 200 && reply < 600 ? reply : null,
    command: typeof command === 'string' && /^(MAIL FROM|RCPT TO|STARTTLS|DATA)$/.test(command) ? command : '',
  };
}
