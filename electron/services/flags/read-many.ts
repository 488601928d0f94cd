import { ScramError } from '../../../shared/model/error.ts';
import type { FlagProvider, ProviderFlag } from './provider.ts';

/** Requests for single flags that are under way at once, where the provider cannot read several by itself. */
const AT_ONCE = 8;

/** Reads several flags at their source; null for those that are gone. Throws the first failure, and stops the others. */
export async function readMany(
  provider: FlagProvider,
  keys: readonly string[],
  environment: string,
  signal: AbortSignal,
): Promise<Map<string, ProviderFlag | null>> {
  const wanted = [...new Set(keys)];
  if (wanted.length > 1 && provider.readFlags) {
    const found = await provider.readFlags(wanted, environment, signal);
    return new Map(wanted.map((key) => [key, found.get(key) ?? null]));
  }
  const read = new Map<string, ProviderFlag | null>();
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const open = wanted.values();
  async function work(): Promise<void> {
    for (const key of open) {
      both.throwIfAborted();
      read.set(key, await readOne(key));
    }
  }
  async function readOne(key: string): Promise<ProviderFlag | null> {
    try {
      return await provider.readFlag(key, environment, both);
    } catch (error) {
      if (error instanceof ScramError && error.code === 'not-found') return null;
      throw error;
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted.length) }, work));
  } catch (error) {
    stop.abort(new ScramError('cancelled', 'another read of the same kind failed'));
    throw error;
  }
  return new Map(wanted.map((key) => [key, read.get(key) ?? null]));
}
