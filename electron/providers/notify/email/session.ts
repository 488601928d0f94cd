import { isIP } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { ScramError } from '../../../../shared/model/error.ts';
import { smtpError } from './errors.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | null;
  readonly password: string | null;
  readonly caPem: string | undefined;
  /** Over the whole session, milliseconds. */
  readonly timeoutMs: number;
}

const MAX_REPLY_BYTES = 64 * 1024;

export interface MailSession {
  /** Returns the addresses that the server did not take. */
  deliver(envelope: { from: string; to: readonly string[] }, mail: Buffer): Promise<readonly string[]>;
  /** Asks for nothing: RSET, which as NOOP changes nothing when no mail has begun. */
  idle(): Promise<void>;
}

/**
 * Opens a session (EHLO, STARTTLS, AUTH), runs `run` in it and ends it. Throws `unreachable`, `timeout`, `credential`,
 * `refused`, `provider`, or what the signal was aborted with; never in the server's words.
 */
export async function withMailSession<T>(
  server: MailServer,
  signal: AbortSignal,
  run: (session: MailSession) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { host, port, security, timeoutMs } = server;
  const where = `${host}:${port}`;
  const connection = new SMTPConnection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    maxResponseSize: MAX_REPLY_BYTES,
    // The name of this machine is nobody's business.
    name: '[127.0.0.1]',
    logger: false,
    tls: {
      minVersion: 'TLSv1.2',
      ...(server.caPem === undefined ? {} : { ca: server.caPem }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
  });
  const broken = Promise.withResolvers<never>();
  // Nobody waits any more when the session has ended otherwise.
  broken.promise.catch(() => undefined);
  const abort = (): void => broken.reject(signal.reason);
  const late = setTimeout(() => {
    broken.reject(new ScramError('timeout', `mail server ${where}: not done within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  connection.on('error', (error) => broken.reject(smtpError(where, error)));
  signal.addEventListener('abort', abort, { once: true });

  /** One step, or what breaks the session meanwhile. */
  const step = <R>(begin: (done: (error: unknown, value?: R) => void) => void): Promise<R> =>
    Promise.race([
      new Promise<R>((resolve, reject) => {
        begin((error, value) => (error ? reject(smtpError(where, error)) : resolve(value as R)));
      }),
      broken.promise,
    ]);

  try {
    await step<void>((done) => connection.connect((error) => done(error)));
    const { user, password } = server;
    if (user !== null && password !== null) {
      if (!connection.allowsAuth) {
        throw new ScramError('credential', `mail server ${where}: takes no user and password`, {
          action: 'Leave the credential out, or check port and security.',
        });
      }
      await step<unknown>((done) => connection.login({ user, pass: password }, done));
    }
    return await run({
      deliver: async ({ from, to }, mail) => {
        const info = await step<{ rejected: string[] }>((done) => connection.send({ from, to: [...to] }, mail, done));
        return info.rejected;
      },
      idle: () => step<unknown>((done) => connection.reset(done)).then(() => undefined),
    });
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', abort);
    // Errors after the end are of a connection that nobody uses.
    connection.close();
  }
}
