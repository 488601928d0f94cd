import { ScramError } from '../../../../shared/model/error.ts';
import type { DocumentMark, DocumentSource, FlagDocument } from '../document/source.ts';
import { rangeSchema, txnSchema } from './answers.ts';
import type { EtcdClient } from './client.ts';
import { encode } from './keys.ts';
import { writeAccess } from './store.ts';
import type { EtcdWatcher } from './watch.ts';

export interface EtcdDocumentOptions {
  readonly client: EtcdClient;
  readonly watcher: EtcdWatcher;
  readonly key: string;
}

/** A whole document of flags in one key of etcd. */
export function createEtcdDocument({ client, watcher, key }: EtcdDocumentOptions): DocumentSource {
  async function find(withValue: boolean, signal: AbortSignal): Promise<Omit<FlagDocument, 'changedAtMs'>> {
    const { value } = await client.ask({
      path: '/v3/kv/range',
      json: { key: encode(key), keys_only: !withValue },
      schema: rangeSchema,
      what: `reading ${key}`,
      isRead: true,
      signal,
    });
    const [kv] = value.kvs;
    if (kv === undefined) {
      throw new ScramError('unreachable', `${client.name} has no key ${key}`, {
        action: 'Put the document back, or correct connections[].keys in scram.yaml.',
      });
    }
    // A cluster that was made anew counts its revisions from one.
    const mark = `${value.header.cluster_id}/${kv.create_revision}/${kv.mod_revision}`;
    return { bytes: Buffer.from(kv.value, 'base64'), version: kv.mod_revision, mark };
  }

  return {
    name: key,
    fileName: key,
    read: async (signal) => ({ ...(await find(true, signal)), changedAtMs: null }),
    async mark(signal): Promise<DocumentMark> {
      return { mark: (await find(false, signal)).mark, changedAtMs: null };
    },
    async replace(bytes, { expect, signal }) {
      const { value } = await client.ask({
        path: '/v3/kv/txn',
        json: {
          compare: [{ key: encode(key), target: 'MOD', result: 'EQUAL', mod_revision: expect.version }],
          success: [{ request_put: { key: encode(key), value: encode(bytes), ignore_lease: true } }],
        },
        schema: txnSchema,
        what: `writing ${key}`,
        isRead: false,
        signal,
      });
      if (!value.succeeded) {
        throw new ScramError('conflict', `${key} at ${client.name} has changed since it was read; nothing was written`);
      }
    },
    watch: (onChange) => watcher.watch([{ key: encode(key) }], onChange),
    writeAccess: (signal) => writeAccess(client, key, signal),
    dispose() {
      watcher.dispose();
      client.dispose();
    },
  };
}
