import type { Entry } from '../../../shared/model/entry.ts';
import type { BatchRecord } from './api.ts';

/** Every batch of a ledger (B4, D6). */
export class BatchRecords {
  readonly #byHash = new Map<string, BatchRecord>();
  readonly #byChange = new Map<string, readonly string[]>();

  get(hash: string): BatchRecord | undefined {
    return this.#byHash.get(hash);
  }

  /** Hashes of the batches that a change is of. */
  ofChange(change: string): readonly string[] {
    return this.#byChange.get(change) ?? [];
  }

  /** Entries that make no sense after what came before change nothing. */
  apply({ body: { data, device } }: Entry): void {
    if (data.kind === 'batch.proposed') {
      const { batch } = data;
      if (this.#byHash.has(batch.hash)) return;
      this.#byHash.set(batch.hash, { batch, device, began: false, ended: false });
      for (const change of batch.changes) this.#byChange.set(change, [...this.ofChange(change), batch.hash]);
    } else if (data.kind === 'batch.began' || data.kind === 'batch.ended') {
      const record = this.#byHash.get(data.hash);
      // It runs on the console that proposed it, and no other has a say in it.
      if (record === undefined || record.device !== device) return;
      const ended = record.ended || data.kind === 'batch.ended';
      this.#byHash.set(data.hash, { ...record, began: true, ended });
    }
  }
}
