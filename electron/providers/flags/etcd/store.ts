import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { clockSkewOf } from '../shared/clock-skew.ts';
import type { WriteAccess } from '../document/source.ts';
import type { Listing, ListingChanges, StoredValue, StoreProbe, ValueEdit, ValueStore } from '../values/store.ts';
import { type Kv, rangeSchema, txnSchema, versionSchema } from './answers.ts';
import type { EtcdClient } from './client.ts';
import { afterKey, encode, endOfPrefix } from './keys.ts';
import type { EtcdWatcher } from './watch.ts';

/** etcd's own limit for the parts of a transaction, `--max-txn-ops`. */
const MOST_OPS = 128;
const PAGE = 2000;
/** Compaction may overtake a listing of several pages; it is then started again. */
const ATTEMPTS = 3;
const COMPACTED = /revision has been compacted/;

const markSchema = z.tuple([z.string(), z.coerce.bigint(), z.coerce.bigint()]);

export interface EtcdStoreParts {
  readonly client: EtcdClient;
  readonly watcher: EtcdWatcher;
}

/** Flags in etcd, a key each. */
export function createEtcdStore({ client, watcher }: EtcdStoreParts): ValueStore {
  /** All keys of a prefix as of one revision, page by page. */
  async function listOnce(prefix: string, signal: AbortSignal): Promise<Listing> {
    const values = new Map<string, StoredValue>();
    let from = encode(prefix);
    let revision: string | null = null;
    for (;;) {
      const { value: page }: { value: z.output<typeof rangeSchema> } = await client.ask({
        path: '/v3/kv/range',
        json: {
          key: from,
          range_end: endOfPrefix(prefix),
          limit: String(PAGE),
          ...(revision === null ? {} : { revision }),
        },
        schema: rangeSchema,
        what: `reading ${prefix}`,
        isRead: true,
        background: true,
        signal,
      });
      revision ??= page.header.revision;
      for (const kv of page.kvs) values.set(keyOf(kv), storedOf(kv));
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) {
        return { values, mark: `${page.header.cluster_id}/${revision}/${values.size}` };
      }
      from = afterKey(last.key);
    }
  }

  async function list(prefix: string, signal: AbortSignal): Promise<Listing> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await listOnce(prefix, signal);
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof ScramError) || !COMPACTED.test(error.message)) throw error;
      }
    }
  }

  async function changes(prefix: string, mark: string, signal: AbortSignal): Promise<ListingChanges | null> {
    const read = markSchema.safeParse(mark.split('/'));
    if (!read.success) return null;
    const [cluster, revision, before] = read.data;
    const { value: found } = await client.ask({
      path: '/v3/kv/range',
      json: { key: encode(prefix), range_end: endOfPrefix(prefix), min_mod_revision: String(revision + 1n) },
      schema: rangeSchema,
      what: `reading what changed under ${prefix}`,
      isRead: true,
      background: true,
      signal,
    });
    // Another cluster, or one that was restored from a backup.
    if (found.header.cluster_id !== cluster || BigInt(found.header.revision) < revision) return null;
    // The count is of all keys, the values are of those that moved: a key that went, or was made anew, is missing in it.
    const made = found.kvs.filter((kv) => BigInt(kv.create_revision) > revision).length;
    const gone = before + BigInt(made) - BigInt(found.count);
    if (gone !== 0n) return null;
    return {
      values: new Map(found.kvs.map((kv) => [keyOf(kv), storedOf(kv)])),
      removed: [],
      mark: `${cluster}/${found.header.revision}/${found.count}`,
    };
  }

  async function getOne(key: string, signal: AbortSignal): Promise<readonly Kv[]> {
    const { value } = await client.ask({
      path: '/v3/kv/range',
      json: { key: encode(key) },
      schema: rangeSchema,
      what: `reading ${key}`,
      isRead: true,
      signal,
    });
    return value.kvs;
  }

  /** As of one moment. */
  async function getSeveral(keys: readonly string[], signal: AbortSignal): Promise<readonly Kv[]> {
    const { value } = await client.ask({
      path: '/v3/kv/txn',
      json: { success: keys.map((key) => ({ request_range: { key: encode(key) } })) },
      schema: txnSchema,
      what: `reading ${wordsOf(keys)}`,
      isRead: true,
      signal,
    });
    return value.responses.flatMap(({ response_range: range }) => range?.kvs ?? []);
  }

  async function get(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, StoredValue>> {
    const found = new Map<string, StoredValue>();
    for (let at = 0; at < keys.length; at += MOST_OPS) {
      const part = [...new Set(keys.slice(at, at + MOST_OPS))];
      const [only, ...others] = part;
      if (only === undefined) continue;
      const kvs = others.length === 0 ? await getOne(only, signal) : await getSeveral(part, signal);
      for (const kv of kvs) found.set(keyOf(kv), storedOf(kv));
    }
    return found;
  }

  async function compareAndSet(edits: readonly ValueEdit[], signal: AbortSignal): Promise<readonly boolean[]> {
    const { value } = await client.ask({
      path: '/v3/kv/txn',
      json: {
        compare: edits.map(({ key, expect }) => ({
          key: encode(key),
          target: 'MOD',
          result: 'EQUAL',
          mod_revision: expect.version,
        })),
        // A lease stays with the key, as everything else that is not the value.
        success: edits.map(({ key, bytes }) => ({
          request_put: { key: encode(key), value: encode(bytes), ignore_lease: true },
        })),
      },
      schema: txnSchema,
      what: `writing ${wordsOf(edits.map(({ key }) => key))}`,
      isRead: false,
      signal,
    });
    return edits.map(() => value.succeeded);
  }

  async function probe(signal: AbortSignal): Promise<StoreProbe> {
    const [started, sentAtMs] = [performance.now(), Date.now()];
    const { value, response } = await client.get('/version', versionSchema, 'its version', signal);
    return {
      latencyMs: performance.now() - started,
      clockSkewMs: clockSkewOf(response.dateMs, sentAtMs, Date.now()),
      detail: `etcd ${value.etcdserver}`,
    };
  }

  return {
    name: client.name,
    bulk: MOST_OPS,
    list,
    changes,
    get,
    compareAndSet,
    watch: (prefixes, onChange) =>
      watcher.watch(
        prefixes.map((prefix) => ({ key: encode(prefix), range_end: endOfPrefix(prefix) })),
        (index) => {
          const prefix = prefixes[index];
          if (prefix !== undefined) onChange(prefix);
        },
      ),
    probe,
    writeAccess: (prefix, signal) => writeAccess(client, `${prefix}scram-probe`, signal),
    dispose() {
      watcher.dispose();
      client.dispose();
    },
  };
}

/**
 * etcd checks permission and space for every part of a transaction before it compares: a write behind a comparison that
 * never holds (a version below zero) tells whether it would be allowed, and writes nothing.
 */
export async function writeAccess(client: EtcdClient, key: string, signal: AbortSignal): Promise<WriteAccess> {
  try {
    const { value } = await client.ask({
      path: '/v3/kv/txn',
      json: {
        compare: [{ key: encode(key), target: 'VERSION', result: 'LESS', version: '0' }],
        success: [{ request_put: { key: encode(key), value: '' } }],
      },
      schema: txnSchema,
      what: `permission to write ${key}`,
      isRead: true,
      signal,
    });
    return { canWrite: !value.succeeded, detail: '' };
  } catch (error) {
    if (error instanceof ScramError && ['credential', 'provider'].includes(error.code)) {
      return { canWrite: false, detail: `${error.message}. ${error.action ?? ''}`.trim() };
    }
    throw error;
  }
}

function keyOf(kv: Kv): string {
  return Buffer.from(kv.key, 'base64').toString('utf8');
}

function storedOf(kv: Kv): StoredValue {
  return { bytes: Buffer.from(kv.value, 'base64'), version: kv.mod_revision };
}

function wordsOf(keys: readonly string[]): string {
  return keys.length <= 3 ? keys.join(', ') : `${keys.length} keys`;
}
