import { hash } from 'node:crypto';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { DocumentSource, FlagDocument } from '../document/source.ts';
import { compareAndSet } from './compare-and-set.ts';
import { probe, type RedisParts, writeAccess } from './store.ts';

const valueSchema = z.instanceof(Buffer).nullable();

/** A whole document of flags in one string key of Redis. */
export function createRedisDocument(parts: RedisParts, key: string): DocumentSource {
  const { connection, tracker, clock, timeoutMs, pollMs } = parts;
  /** The mark of the last read, and the place in the server's row of changes from before it. */
  let held: { readonly mark: string; readonly position: string } | null = null;

  async function read(signal: AbortSignal): Promise<FlagDocument> {
    const position = await tracker.position(signal);
    const bytes = await connection.send(['GET', key], valueSchema, `reading ${key}`, signal);
    if (bytes === null) {
      throw new ScramError('unreachable', `${connection.name} has no key ${key}`, {
        action: 'Put the document back, or correct connections[].keys in scram.yaml.',
      });
    }
    const mark = hash('sha256', bytes);
    held = position === null ? null : { mark, position };
    return { bytes, version: '', mark, changedAtMs: null };
  }

  async function markNow(signal: AbortSignal): Promise<string | null> {
    const own = held;
    const changed = own === null ? null : await tracker.changedSince(own.position, signal);
    if (own !== null && changed !== null && !changed.keys.includes(key)) return own.mark;
    return (await read(signal)).mark;
  }

  return {
    name: key,
    fileName: key,
    read,
    mark: async (signal) => ({ mark: await markNow(signal), changedAtMs: null }),
    async replace(bytes, { expect, signal }) {
      const [written] = await compareAndSet(connection, [{ key, bytes, expect: expect.bytes }], timeoutMs, signal);
      if (written !== true) {
        throw new ScramError(
          'conflict',
          `${key} at ${connection.name} has changed since it was read; nothing was written`,
        );
      }
    },
    watch(onChange) {
      const told = tracker.watch((changed) => {
        if (changed === null || changed === key) onChange();
      });
      const stop = new AbortController();
      let known: string | null = null;
      const looking = clock.every(pollMs, async () => {
        if (tracker.supported) return;
        const now = await markNow(stop.signal).catch(() => null);
        if (!stop.signal.aborted && known !== null && known !== now) onChange();
        known = now;
      });
      return {
        dispose() {
          stop.abort();
          told.dispose();
          looking.dispose();
        },
      };
    },
    async writeAccess(signal) {
      const { clockSkewMs } = await probe(connection, signal);
      return { ...(await writeAccess(connection, key, signal)), clockSkewMs };
    },
    dispose() {
      tracker.dispose();
      connection.dispose();
    },
  };
}
