import { isIP } from 'node:net';
import type { RedisClientOptions, RedisFunctions, RedisModules, RedisScripts, RespVersions } from '@redis/client';
import { ScramError } from '../../../../shared/model/error.ts';
import type { HttpAuth } from '../../../platform/http/client.ts';
import { redactError, redactor } from '../../shared/credential.ts';
import { connectionFailure, isReply, replyFailure } from './errors.ts';

export interface RedisOptions {
  /** `redis://HOST:PORT/DATABASE` or `rediss://`. */
  readonly url: string;
  /** The password, or `user:password`. */
  readonly credential?: string | undefined;
  readonly caPem?: string | undefined;
  /** Over each command, and over connecting, milliseconds. */
  readonly timeoutMs: number;
}

export type RedisArgument = string | Buffer;

/** One connection, open until it breaks; it never reconnects and repeats nothing. */
export interface RedisSession {
  /** Bulk strings are given as bytes. Throws `ScramError`; after a `timeout` the session is closed. */
  send(args: readonly RedisArgument[], what: string, signal?: AbortSignal): Promise<unknown>;
  readonly closed: boolean;
  close(): void;
}

export interface SessionHandlers {
  readonly onClosed?: () => void;
  /** A key was changed that the server was asked to track; null: all may have. */
  readonly onInvalidate?: (key: string | null) => void;
}

export interface RedisAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly tls: boolean;
}

export function addressOf(url: string): RedisAddress {
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    name: `Redis at ${protocol}//${hostname}:${port || 6379}${pathname === '/' ? '' : pathname}`,
    host,
    port: Number(port || 6379),
    database: Number(pathname.slice(1) || 0),
    tls: protocol === 'rediss:',
  };
}

function credentialsOf(credential: string | undefined): Extract<HttpAuth, { kind: 'basic' }> | undefined {
  if (credential === undefined) return undefined;
  const text = credential.trim();
  if (text === '') throw new ScramError('credential', 'the credential of the connection is empty');
  const colon = text.indexOf(':');
  return { kind: 'basic', user: colon < 1 ? '' : text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Takes the credential out of words that a person will see (E2). */
export function redactionOf(credential: string | undefined): (text: string) => string {
  return redactor(credentialsOf(credential));
}

/** Connects and logs in. With `onInvalidate` the connection speaks RESP3, which Redis 6 and newer do. */
export async function openSession(options: RedisOptions, handlers: SessionHandlers = {}): Promise<RedisSession> {
  const { timeoutMs } = options;
  const address = addressOf(options.url);
  const auth = credentialsOf(options.credential);
  const redact = redactor(auth);
  const { onInvalidate } = handlers;
  // Loaded when a connection is first made: a start without Redis does not wait for it.
  const { createClient, RESP_TYPES } = await import('@redis/client');
  const settings: RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, RespVersions> = {
    RESP: onInvalidate ? 3 : 2,
    ...(auth === undefined ? {} : { password: auth.password, ...(auth.user === '' ? {} : { username: auth.user }) }),
    database: address.database,
    socket: {
      host: address.host,
      port: address.port,
      connectTimeout: timeoutMs,
      // A command that was sent again could write twice, or long after it was given up.
      reconnectStrategy: false,
      ...(address.tls
        ? {
            tls: true,
            ...(isIP(address.host) ? {} : { servername: address.host }),
            ...(options.caPem === undefined ? {} : { ca: options.caPem }),
          }
        : {}),
    },
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    emitInvalidate: onInvalidate !== undefined,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 2 * timeoutMs },
  };
  const client = createClient(settings);
  let closed = false;
  let cause: unknown;
  const close = () => {
    if (closed) return;
    closed = true;
    client.destroy();
    handlers.onClosed?.();
  };
  client.on('error', (error: unknown) => {
    cause ??= error;
    close();
  });
  client.on('end', close);
  if (onInvalidate) {
    client.on('invalidate', (key: Buffer | string | null) => onInvalidate(key === null ? null : key.toString()));
  }

  async function within<T>(what: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    const where = `${address.name}, ${what}`;
    const limit = AbortSignal.timeout(timeoutMs);
    const signals = signal === undefined ? [limit] : [signal, limit];
    const either = AbortSignal.any(signals);
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(either.reason);
    try {
      if (signal?.aborted) throw signal.reason;
      either.addEventListener('abort', end, { once: true });
      return await Promise.race([run(), ended.promise]);
    } catch (error) {
      if (signal?.aborted) throw new ScramError('cancelled', `${where} was cancelled`, { cause: error });
      if (limit.aborted) {
        // Whatever it still holds must not be taken for the answer of a later command.
        close();
        throw new ScramError('timeout', `${where}: no complete answer within ${timeoutMs} ms`, { cause: error });
      }
      if (isReply(error)) throw redactError(replyFailure(where, error.message), redact);
      throw redactError(connectionFailure(where, cause ?? error), redact);
    } finally {
      either.removeEventListener('abort', end);
    }
  }

  try {
    await within('connecting', undefined, async () => {
      try {
        await client.connect();
      } finally {
        // Ended while it was connecting: the library may hold a socket that it got after that.
        if (closed) client.destroy();
      }
      if (closed) throw cause ?? new ScramError('unreachable', `${address.name}: the connection was closed`);
    });
  } catch (error) {
    close();
    throw error;
  }
  return {
    send: (args, what, signal) => within(what, signal, () => client.sendCommand<unknown>([...args])),
    get closed() {
      return closed;
    },
    close,
  };
}
