import type { Chains, Refusal, Trust } from '../../electron/services/ledger/api.ts';
import type { LedgerRow } from '../../electron/services/ledger/store.ts';

export const PEOPLE: Trust = { knowsDevice: (device) => !device.startsWith('unknown'), signedBy: () => true };

export function rowOf(device: string, sequence: number, hash = `${device}-${sequence}`): LedgerRow {
  return { device, sequence, hash, atMs: sequence, signature: 'held', body: `{"n":${sequence}}`, data: null };
}

export interface MemoryChains extends Chains {
  readonly rows: Map<string, LedgerRow[]>;
  /** Appends to a chain as its console would. */
  grow(device: string, count: number): void;
  /** Calls of `receive`, by device. */
  readonly received: string[];
  readonly kept: Refusal[];
}

/** The port without cryptography: a row is good when its hash is the one that `rowOf` gives it. */
export function memoryChains(own: string): MemoryChains {
  const rows = new Map<string, LedgerRow[]>([[own, []]]);
  const received: string[] = [];
  const kept: Refusal[] = [];
  const chainOf = (device: string): LedgerRow[] => {
    const chain = rows.get(device) ?? [];
    rows.set(device, chain);
    return chain;
  };

  return {
    rows,
    received,
    kept,
    grow(device, count) {
      const chain = chainOf(device);
      for (let index = 0; index < count; index += 1) chain.push(rowOf(device, chain.length + 1));
    },
    chains: () =>
      [...rows].map(([device, chain]) => ({
        device,
        operators: [],
        here: device === own,
        entries: chain.length,
        hash: chain.at(-1)?.hash ?? '',
        lastAtMs: chain.at(-1)?.atMs ?? null,
        countersigned: 0,
        problem: null,
      })),
    heads: () =>
      new Map([...rows].map(([device, chain]) => [device, { sequence: chain.length, hash: chain.at(-1)?.hash ?? '' }])),
    rowsAfter: (device, after, limit) => (rows.get(device) ?? []).slice(Math.max(0, after)).slice(0, limit),
    receive(offered, trust) {
      let taken = 0;
      const refused: Refusal[] = [];
      for (const row of [...offered].sort((a, b) => a.sequence - b.sequence)) {
        received.push(row.device);
        const chain = rows.get(row.device) ?? [];
        if (!trust.knowsDevice(row.device)) {
          refused.push({ row, what: 'is of an unknown device' });
          break;
        }
        if (row.device !== own && row.sequence > chain.length + 1) continue;
        if (row.hash !== rowOf(row.device, row.sequence).hash) refused.push({ row, what: 'is forged' });
        else if (row.device === own && row.sequence > chain.length) refused.push({ row, what: 'is not held here' });
        else if (row.sequence === chain.length + 1) {
          chainOf(row.device).push(row);
          taken += 1;
        }
      }
      kept.push(...refused);
      return { taken, refused };
    },
    quarantined: () => [],
    timeline: () => ({ total: 0, entries: [] }),
  };
}
