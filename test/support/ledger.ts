import { generateKeyPairSync, sign } from 'node:crypto';
import type { EntryData } from '../../shared/model/entry.ts';
import type { Trust } from '../../electron/services/ledger/api.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { LedgerRow, LedgerStore, QuarantinedRow, Segment, Signer } from '../../electron/services/ledger/store.ts';

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
  const of = (device: string) => rowsNow.filter((row) => row.device === device).sort((a, b) => a.sequence - b.sequence);
  const kept: QuarantinedRow[] = [];
  const gone = new Set<string>();
  const segments: Segment[] = [];
  const files = new Map<string, string>();
  let own: string | null = null;
  let together = 0;
  const text = (row: LedgerRow) => `${row.data ?? ''}${JSON.parse(row.body).version === 1 ? row.body : ''}`;
  const kindOf = (row: LedgerRow): string =>
    row.data === null ? (JSON.parse(row.body).data?.kind ?? 'redacted') : JSON.parse(row.data).data.kind;
  const placeOf = (device: string, sequence: number, hash: string) => `${device} ${sequence} ${hash}`;
  const store: LedgerStore & { rowsNow: LedgerRow[] } = {
    rowsNow,
    append: (row) => void rowsNow.push(row),
    appendAll: (rows) =>
      store.together(() => {
        for (const row of rows) store.append(row);
      }),
    together(run) {
      const before = [...rowsNow];
      together += 1;
      try {
        return run();
      } catch (error) {
        if (together === 1) rowsNow.splice(0, rowsNow.length, ...before);
        throw error;
      } finally {
        together -= 1;
      }
    },
    last: (device) => of(device).at(-1) ?? null,
    at: (device, sequence) => of(device).find((row) => row.sequence === sequence) ?? null,
    rows: (device, after = 0) => of(device).filter((row) => row.sequence > after),
    rowsAfter: (device, after, limit) =>
      of(device)
        .filter((row) => row.sequence > after)
        .slice(0, limit),
    page: (device, { before = Infinity, sinceMs = -Infinity, limit }) =>
      of(device)
        .filter((row) => row.sequence < before && row.atMs >= sinceMs)
        .reverse()
        .slice(0, limit),
    devices: () => [...new Set(rowsNow.map((row) => row.device))].sort(),
    ofKind: (kind) => rowsNow.filter((row) => kindOf(row) === kind),
    timeline({ offset, limit, search = '', kinds, device, sinceMs = -Infinity, untilMs = Infinity }) {
      const words = search.toLowerCase().split(/\s+/);
      const found = rowsNow.filter(
        (row) =>
          (device === undefined || row.device === device) &&
          (kinds === undefined || kinds.includes(kindOf(row))) &&
          row.atMs >= sinceMs &&
          row.atMs <= untilMs &&
          words.every((word) => text(row).toLowerCase().includes(word)),
      );
      found.sort((a, b) => b.atMs - a.atMs || (a.device < b.device ? 1 : -1) || b.sequence - a.sequence);
      return { total: found.length, rows: found.slice(offset, offset + limit) };
    },
    own: () => own,
    setOwn(device) {
      own = device;
    },
    quarantine(row) {
      kept.push(row);
      return true;
    },
    quarantined: () => [...kept],
    redact(device, sequence, hash) {
      gone.add(placeOf(device, sequence, hash));
      const index = rowsNow.findIndex(
        (row) => placeOf(row.device, row.sequence, row.hash) === placeOf(device, sequence, hash),
      );
      const row = rowsNow[index];
      if (row !== undefined) rowsNow[index] = { ...row, data: null };
    },
    isRedacted: (device, sequence, hash) => gone.has(placeOf(device, sequence, hash)),
    scrub: () => true,
    segments: () => [...segments],
    readSegment: (file) => files.get(file) ?? null,
    writeSegment: async (file, text) => void files.set(file, text),
    seal(segment, keptKinds) {
      segments.push(segment);
      const left = rowsNow.filter(
        (row) =>
          row.device !== segment.device ||
          row.sequence < segment.from ||
          row.sequence > segment.to ||
          keptKinds.includes(kindOf(row)),
      );
      rowsNow.splice(0, rowsNow.length, ...left);
    },
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

/** A roster that knows every device and believes every signature. */
export const TRUST_ALL: Trust = { knowsDevice: () => true, signedBy: () => true, mayRedact: () => true };
