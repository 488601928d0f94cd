import type { AnchoredChains } from './anchor.ts';
import { contentOf, entryOf } from './entry-row.ts';
import { hashAt } from './segments.ts';
import type { LedgerStore } from './store.ts';

/** The chains of a store as anchors are held against them. */
export function anchoredIn(store: LedgerStore): AnchoredChains {
  return {
    publicKeyOf(device) {
      const first = store.at(device, 1);
      const publicKey = first === null ? undefined : contentOf(first).data?.publicKey;
      return typeof publicKey === 'string' ? publicKey : null;
    },
    hashAt: (device, sequence) => hashAt(store, device, sequence),
    *anchors() {
      for (const row of store.ofKind('anchor.made')) {
        const { data } = entryOf(row).body;
        if (data.kind === 'anchor.made') yield data;
      }
    },
  };
}
