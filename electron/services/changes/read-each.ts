import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import type { ChangePorts } from './ports.ts';
import { within } from '../time-limit.ts';

/** How long a provider may take to answer for one flag, and more for each further one. Milliseconds. */
export const ANSWER_LIMIT_MS = 15_000;
const MORE_PER_FLAG_MS = 100;

/** Time that an answer about `count` flags may take, milliseconds. */
export function answerLimitMs(count: number): number {
  return ANSWER_LIMIT_MS + MORE_PER_FLAG_MS * Math.max(0, count - 1);
}

/** Failures that are the connection's and not one flag's: asking for each by itself would only meet them again. */
const OF_THE_CONNECTION: ReadonlySet<ErrorCode> = new Set(['unreachable', 'timeout', 'credential', 'rate-limited']);

/** True when the other side asks to come back later: nothing was read and nothing written. */
export function isLimit(error: unknown): error is ScramError {
  return error instanceof ScramError && error.code === 'rate-limited';
}

export interface KeysOf {
  readonly connection: string;
  readonly keys: readonly string[];
  readonly environment: string;
}

/**
 * Reads several flags at their source now, in one go where the provider can. A flag that is gone is absent; where one
 * cannot be read, its error stands for it and the others are read all the same. Throws what keeps all of them from
 * being read, and when `signal` aborts.
 */
export async function readEach(
  ports: Pick<ChangePorts, 'flags' | 'clock'>,
  { connection, keys, environment }: KeysOf,
  signal: AbortSignal,
): Promise<Map<string, ProviderFlag | Error>> {
  const limitMs = answerLimitMs(keys.length);
  try {
    return new Map(
      await within(ports.clock, limitMs, [signal], (limited) =>
        ports.flags.readManyNow(connection, keys, environment, limited),
      ),
    );
  } catch (error) {
    const code = error instanceof ScramError ? error.code : null;
    if (signal.aborted || keys.length === 1 || (code !== null && OF_THE_CONNECTION.has(code))) throw error;
  }
  const found = new Map<string, ProviderFlag | Error>();
  for (const key of keys) {
    signal.throwIfAborted();
    try {
      const read = await readEach(ports, { connection, keys: [key], environment }, signal);
      for (const [name, flag] of read) found.set(name, flag);
    } catch (error) {
      // What limits requests is asked again later, for all of them.
      if (signal.aborted || isLimit(error)) throw error;
      found.set(key, error instanceof Error ? error : new Error(String(error)));
    }
  }
  return found;
}
