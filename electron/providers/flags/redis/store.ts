import { hash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock, Disposable } from '../../../services/ports.ts';
import type { WriteAccess } from '../document/source.ts';
import type { Listing, StoredValue, StoreProbe, ValueStore } from '../values/store.ts';
import { compareAndSet } from './compare-and-set.ts';
import { type RedisConnection, timeOf } from './connection.ts';
import type { Tracker } from './tracker.ts';

const BULK = 500;
const AT_ONCE = 500;
const SCAN_COUNT = 1000;

const blob = z.instanceof(Buffer);
const scanSchema = z.tuple([blob, z.array(blob)]);
const valuesSchema = z.array(blob.nullable());

export interface RedisParts {
  readonly connection: RedisConnection;
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** How often is looked where the server does not tell of changes, milliseconds. */
  readonly pollMs: number;
}

/** A prefix as `SCAN MATCH` takes it, none of its characters a wildcard. */
function matchOf(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
}

function stored(bytes: Buffer): StoredValue {
  return { bytes, version: hash('sha256', bytes) };
}

/** Flags in Redis, a string key each. Keys of other types are no flags. */
export function createRedisStore({ connection, tracker, clock, timeoutMs, pollMs }: RedisParts): ValueStore {
  async function get(keys: readonly string[], signal: AbortSignal): Promise<Map<string, StoredValue>> {
    const found = new Map<string, StoredValue>();
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const part = keys.slice(at, at + AT_ONCE);
      const what = part.length > 3 ? `reading ${part.length} keys` : `reading ${part.join(', ')}`;
      const values = await connection.send(['MGET', ...part], valuesSchema, what, signal);
      for (const [index, key] of part.entries()) {
        const bytes = values[index];
        if (bytes) found.set(key, stored(bytes));
      }
    }
    return found;
  }

  async function keysOf(prefix: string, signal: AbortSignal): Promise<string[]> {
    const keys = new Set<string>();
    let cursor = '0';
    do {
      const [next, part] = await connection.send(
        ['SCAN', cursor, 'MATCH', matchOf(prefix), 'COUNT', String(SCAN_COUNT)],
        scanSchema,
        `reading ${prefix}`,
        signal,
      );
      for (const key of part) keys.add(key.toString());
      cursor = next.toString();
    } while (cursor !== '0');
    return [...keys].sort();
  }

  async function list(prefix: string, signal: AbortSignal): Promise<Listing> {
    // Taken before: what changes meanwhile is read twice rather than missed.
    const position = await tracker.position(signal);
    const values = await get(await keysOf(prefix, signal), signal);
    return { values, mark: position === null ? hashOf(values) : `t${position}` };
  }

  async function changes(prefix: string, mark: string, signal: AbortSignal): ReturnType<ValueStore['changes']> {
    if (!mark.startsWith('t')) {
      const now = await list(prefix, signal);
      return now.mark === mark ? { values: new Map(), removed: [], mark } : null;
    }
    const changed = await tracker.changedSince(mark.slice(1), signal);
    if (changed === null) return null;
    const own = changed.keys.filter((key) => key.startsWith(prefix));
    // Read after the position was taken: a change in between is told of once more.
    const values = await get(own, signal);
    return { values, removed: own.filter((key) => !values.has(key)), mark: `t${changed.position}` };
  }

  function watchByListing(prefix: string, onChange: () => void): Disposable {
    const stop = new AbortController();
    let known: string | null = null;
    const timer = clock.every(pollMs, async () => {
      if (tracker.supported) return;
      const now = hashOf((await list(prefix, stop.signal).catch(() => null))?.values ?? new Map());
      if (stop.signal.aborted) return;
      if (known !== null && known !== now) onChange();
      known = now;
    });
    return {
      dispose() {
        stop.abort();
        timer.dispose();
      },
    };
  }

  return {
    name: connection.name,
    bulk: BULK,
    list,
    changes,
    get,
    compareAndSet: (edits, signal) =>
      compareAndSet(
        connection,
        edits.map(({ key, bytes, expect }) => ({ key, bytes, expect: expect.bytes })),
        timeoutMs,
        signal,
      ),
    watch(prefixes, onChange) {
      const told = tracker.watch((key) => {
        for (const prefix of prefixes) if (key === null || key.startsWith(prefix)) onChange(prefix);
      });
      const looking = prefixes.map((prefix) => watchByListing(prefix, () => onChange(prefix)));
      return {
        dispose() {
          for (const watch of [told, ...looking]) watch.dispose();
        },
      };
    },
    probe: (signal) => probe(connection, signal),
    writeAccess: (prefix, signal) => writeAccess(connection, `${prefix}scram-probe`, signal),
    dispose() {
      tracker.dispose();
      connection.dispose();
    },
  };
}

function hashOf(values: ReadonlyMap<string, StoredValue>): string {
  return hash('sha256', JSON.stringify([...values].map(([key, { version }]) => [key, version])));
}

export async function probe(connection: RedisConnection, signal: AbortSignal): Promise<StoreProbe> {
  await connection.clockOffset(signal);
  const started = performance.now();
  const time = await connection.send(['TIME'], z.unknown(), 'its clock', signal).catch(unlessForbidden);
  const latencyMs = performance.now() - started;
  const info = await connection.send(['INFO', 'server'], blob, 'its version', signal).catch(unlessForbidden);
  const version = /^redis_version:(\S+)/m.exec(info?.toString() ?? '')?.[1];
  return {
    latencyMs,
    clockSkewMs: time === null ? null : Math.round(timeOf(time) - Date.now()),
    detail: version === undefined ? 'Redis' : `Redis ${version}`,
  };
}

/** Some users may not ask for everything: what they may not is left out. */
function unlessForbidden(error: unknown): null {
  if (error instanceof ScramError && error.code === 'credential') return null;
  throw error;
}

/** What the user may do with a key, from Redis 7 on; a script that an older one cannot run says nothing. */
const MAY_WRITE = `
if redis.acl_check_cmd == nil then return -1 end
if redis.acl_check_cmd('SET', KEYS[1], 'x') then return 1 end
return 0
`;

/**
 * Tells whether a key could be written, and writes nothing: permissions are asked for; role, disk and memory of the server
 * are looked at by it before a command runs, and `SET … XX` of a key that is not there changes nothing.
 */
export async function writeAccess(connection: RedisConnection, key: string, signal: AbortSignal): Promise<WriteAccess> {
  const what = `permission to write ${key}`;
  try {
    const may = await connection.send(['EVAL', MAY_WRITE, '1', key], z.number(), what, signal);
    if (may === 0) {
      return { canWrite: false, detail: `${connection.name}: this user may not set ${key}. Allow it by ACL SETUSER.` };
    }
    await connection
      .send(['SET', `${key}:${randomUUID()}`, '', 'XX'], z.null(), what, signal)
      // Allowed for the key itself by the answer before, though not for its neighbour.
      .catch((error: unknown) => (may === 1 ? unlessForbidden(error) : Promise.reject(error)));
    return { canWrite: may === 1 ? true : null, detail: '' };
  } catch (error) {
    if (error instanceof ScramError && ['credential', 'refused', 'provider'].includes(error.code)) {
      return { canWrite: false, detail: `${error.message}. ${error.action ?? ''}`.trim() };
    }
    throw error;
  }
}
