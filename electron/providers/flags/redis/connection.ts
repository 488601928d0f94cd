import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { addressOf, openSession, type RedisArgument, type RedisOptions, type RedisSession } from './client.ts';

/** A connection that is made when it is needed, and made anew by the next command after it broke. */
export interface RedisConnection {
  readonly name: string;
  send<T>(args: readonly RedisArgument[], schema: z.ZodType<T>, what: string, signal?: AbortSignal): Promise<T>;
  /** The server's clock minus this process's steady one, milliseconds; null when the user may not ask for it. */
  clockOffset(signal: AbortSignal): Promise<number | null>;
  dispose(): void;
}

const timeSchema = z.tuple([z.instanceof(Buffer), z.instanceof(Buffer)]);

/** `TIME` as epoch milliseconds. */
export function timeOf(reply: unknown): number {
  const [seconds, micros] = timeSchema.parse(reply);
  return Number(seconds.toString()) * 1000 + Number(micros.toString()) / 1000;
}

interface Open {
  readonly session: RedisSession;
  readonly offset: number | null;
}

export function createConnection(options: RedisOptions): RedisConnection {
  const { name } = addressOf(options.url);
  let current: Promise<Open> | null = null;
  let disposed = false;

  async function open(): Promise<Open> {
    const session = await openSession(options);
    if (disposed) session.close();
    try {
      return { session, offset: timeOf(await session.send(['TIME'], 'its clock')) - performance.now() };
    } catch (error) {
      if (error instanceof ScramError && error.code === 'credential' && !session.closed)
        return { session, offset: null };
      session.close();
      throw error;
    }
  }

  async function opened(): Promise<Open> {
    if (disposed) throw new ScramError('unreachable', `${name}: the connection was ended`);
    const own = current;
    if (own !== null) {
      const found = await own.catch(() => null);
      if (found !== null && !found.session.closed) return found;
      if (current === own) current = null;
    }
    // Another command may have begun a new one meanwhile.
    current ??= open();
    return current;
  }

  return {
    name,
    async send(args, schema, what, signal) {
      if (signal?.aborted) throw new ScramError('cancelled', `${name}, ${what} was cancelled`);
      const { session } = await opened();
      const parsed = schema.safeParse(await session.send(args, what, signal));
      if (parsed.success) return parsed.data;
      throw new ScramError('provider', `${name}: the answer for ${what} is not what Redis answers`, {
        action: 'Check that the address is Redis, and its version.',
        cause: parsed.error,
      });
    },
    async clockOffset(signal) {
      signal.throwIfAborted();
      return (await opened()).offset;
    },
    dispose() {
      disposed = true;
      void current?.then(
        ({ session }) => session.close(),
        () => undefined,
      );
    },
  };
}
