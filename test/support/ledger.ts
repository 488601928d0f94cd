import { generateKeyPairSync, sign } from 'node:crypto';
import type { EntryData } from '../../shared/model/entry.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { LedgerRow, LedgerStore, Signer } from '../../electron/services/ledger/store.ts';

/** A signer with a key of its own, made anew in each run. */
export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    sign: (message) => sign(null, Buffer.from(message), privateKey).toString('base64url'),
  };
}

/** The store port on an array. `rowsNow` may be changed in place, as someone with the file could. */
export function memoryStore(rowsNow: LedgerRow[] = []): LedgerStore & { rowsNow: LedgerRow[] } {
  const of = (device: string) => rowsNow.filter((row) => row.device === device);
  const store: LedgerStore & { rowsNow: LedgerRow[] } = {
    rowsNow,
    append: (row) => void rowsNow.push(row),
    appendAll(rows) {
      const before = rowsNow.length;
      try {
        for (const row of rows) store.append(row);
      } catch (error) {
        rowsNow.length = before;
        throw error;
      }
    },
    last: (device) => of(device).at(-1) ?? null,
    rows: of,
    page: (device, { before = Infinity, sinceMs = -Infinity, limit }) =>
      of(device)
        .filter((row) => row.sequence < before && row.atMs >= sinceMs)
        .reverse()
        .slice(0, limit),
    devices: () => [...new Set(rowsNow.map((row) => row.device))],
  };
  return store;
}

/** A clock that moves one second with each look. */
export function steppingClock(startMs = 1_700_000_000_000): { now(): number } {
  let nowMs = startMs;
  return {
    now: () => {
      nowMs += 1000;
      return nowMs;
    },
  };
}

export function breach(value: number): EntryData {
  return { kind: 'breach.began', sli: 'checkout/latency', value, objective: 0.6 };
}

/** A ledger of `entries` entries in memory; the first one carries the key. */
export function memoryLedger(entries: number, signer = newSigner()) {
  const store = memoryStore();
  const clock = steppingClock();
  const ledger = createLedger({ store, signer, clock, product: 'scram 0.0.0-test' });
  for (let index = 1; index < entries; index += 1) ledger.append(breach(index / 4));
  return { ledger, store, signer, clock };
}
