import { Socket } from 'node:net';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';
import { redactError } from '../../shared/credential.ts';
import type { PostgresAddress } from './address.ts';
import { postgresFailure } from './errors.ts';

/** Over connecting and logging in. */
const CONNECT_LIMIT_MS = 10_000;
/** After it the server itself gives a statement up. */
const STATEMENT_LIMIT_MS = 10_000;
/** A closed network path is noticed by the system after about this time without a word. */
const KEEP_ALIVE_MS = 10_000;
/** Time for the farewell, so that the server does not log a lost client. */
const FAREWELL_MS = 500;

export interface SessionOptions {
  readonly address: PostgresAddress;
  readonly caPem?: string | undefined;
  readonly clock: Clock;
}

/** One connection, open until it breaks; it never reconnects and repeats nothing. */
export interface PostgresSession {
  /** Rows of one statement. Statements run in the order of the calls. An abort closes the connection: what runs there cannot be taken back. */
  query<T>(
    text: string,
    values: readonly unknown[],
    row: z.ZodType<T>,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly T[]>;
  /** Statements without parameters and without rows, several at once. */
  run(text: string, what: string, signal: AbortSignal): Promise<void>;
  readonly closed: boolean;
  close(): void;
}

export interface SessionHandlers {
  readonly onNotification?: (payload: string) => void;
  /** Once, when the connection ends, unless by `close`. */
  readonly onLost?: (error: ScramError) => void;
}

const anyRow = z.unknown();

/** Connects and logs in. Throws `unreachable`, `credential`, `timeout`, without a trace of the secret. */
export async function openSession(
  { address, caPem, clock }: SessionOptions,
  signal: AbortSignal,
  handlers: SessionHandlers = {},
): Promise<PostgresSession> {
  signal.throwIfAborted();
  // Loaded when a connection is first made: a start without a team store does not wait for it.
  const { default: pg } = await import('pg');
  const socket = new Socket();
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    // A function, so that the secret stands in no object that could be printed, and none is taken from elsewhere.
    password: () => address.password,
    ssl: address.tls ? { rejectUnauthorized: true, ...(caPem === undefined ? {} : { ca: caPem }) } : false,
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    idle_in_transaction_session_timeout: STATEMENT_LIMIT_MS,
    application_name: 'scram',
    // Given, so that PGOPTIONS of the environment does not count.
    options: '-c timezone=UTC',
  });
  let closed = false;
  let ready = false;
  let lane: Promise<unknown> = Promise.resolve();

  const failure = (what: string, error: unknown): ScramError =>
    redactError(postgresFailure(`${address.name}, ${what}`, error), address.redact);

  function lost(error: unknown): void {
    if (closed) return;
    closed = true;
    socket.destroy();
    if (ready) handlers.onLost?.(failure('connected', error));
  }

  function close(): void {
    if (closed) return;
    closed = true;
    // What the farewell meets is of no interest any more; the socket goes in any case.
    const force = clock.after(FAREWELL_MS, () => void socket.destroy());
    client
      .end()
      .catch(() => undefined)
      .finally(() => {
        force.dispose();
        socket.destroy();
      });
  }

  client.on('error', lost);
  client.on('end', () => lost(new Error('Connection terminated')));
  client.on('notification', ({ payload }) => handlers.onNotification?.(payload ?? ''));

  async function ended<T>(what: string, own: AbortSignal, work: () => Promise<T>): Promise<T> {
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      aborted.reject(own.reason);
      lost(own.reason);
    };
    own.addEventListener('abort', abort, { once: true });
    try {
      if (own.aborted) throw own.reason;
      if (closed) throw new Error('Connection terminated');
      return await Promise.race([work(), aborted.promise]);
    } catch (error) {
      if (own.aborted) throw cancelled(`${address.name}, ${what}`, own.reason);
      throw failure(what, error);
    } finally {
      own.removeEventListener('abort', abort);
    }
  }

  /** One statement after the other: the library's own queue is going away. */
  function inTurn<T>(what: string, own: AbortSignal, work: () => Promise<T>): Promise<T> {
    const mine = lane.then(() => ended(what, own, work));
    lane = mine.catch(() => undefined);
    return mine;
  }

  try {
    await ended('connecting', signal, () => client.connect());
    ready = true;
  } catch (error) {
    closed = true;
    socket.destroy();
    throw error;
  }
  return {
    query: (text, values, row, what, own) =>
      inTurn(what, own, async () => {
        const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
        const parsed = z.array(row).safeParse(rows);
        if (parsed.success) return parsed.data;
        throw new ScramError('provider', `the answer for ${what} is not what Scram's tables hold`, {
          action: 'Look at the tables: see docs/team-store.md.',
        });
      }),
    async run(text, what, own) {
      await inTurn(what, own, async () => anyRow.parse(await client.query(text)));
    },
    get closed() {
      return closed;
    },
    close,
  };
}

function cancelled(where: string, reason: unknown): ScramError {
  if (reason instanceof ScramError) return new ScramError(reason.code, `${where}: ${reason.message}`);
  if (reason instanceof Error && reason.name === 'TimeoutError')
    return new ScramError('timeout', `${where}: no answer in time`);
  return new ScramError('cancelled', `${where} was cancelled`);
}
