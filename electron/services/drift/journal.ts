import type { EntryData } from '../../../shared/model/entry.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Log } from '../ports.ts';
import { ByArea } from './by-area.ts';

interface At {
  readonly connection: string;
  readonly flag: string;
  readonly environment: string;
}

/** Entries are synced to disk one by one; a region that falls behind as a whole must not stop the console meanwhile. */
const ENTRIES_AT_ONCE = 20;

/** Drifts that the ledger says have begun and not ended (D6), those of an earlier run too. */
export class DriftJournal {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #open = new ByArea<number>();
  readonly #waiting: EntryData[] = [];
  #timed = false;
  #disposed = false;

  constructor(ledger: Ledger, clock: Clock, log: Log) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads an entry of the ledger as it was found at the start. */
  replay(data: EntryData, atMs: number): void {
    if (data.kind === 'drift.began') this.open(data.connection, data.environment).set(data.flag, atMs);
    if (data.kind === 'drift.ended') this.open(data.connection, data.environment).delete(data.flag);
  }

  /** By flag, since when it is known to drift, epoch ms. */
  open(connection: string, environment: string): Map<string, number> {
    return this.#open.of(connection, environment);
  }

  began({ connection, flag, environment }: At, sinceMs: number, detail: string): void {
    const open = this.open(connection, environment);
    if (open.has(flag)) return;
    open.set(flag, sinceMs);
    this.#write({ kind: 'drift.began', connection, flag, environment, detail });
  }

  ended({ connection, flag, environment }: At): void {
    if (!this.open(connection, environment).delete(flag)) return;
    this.#write({ kind: 'drift.ended', connection, flag, environment });
  }

  dispose(): void {
    for (const data of this.#waiting.splice(0)) this.#append(data);
    this.#disposed = true;
  }

  #write(data: EntryData): void {
    this.#waiting.push(data);
    if (this.#timed || this.#disposed) return;
    this.#timed = true;
    this.#clock.after(0, () => this.#drain());
  }

  #drain(): void {
    this.#timed = false;
    for (const data of this.#waiting.splice(0, ENTRIES_AT_ONCE)) this.#append(data);
    if (this.#waiting.length === 0 || this.#timed) return;
    this.#timed = true;
    this.#clock.after(0, () => this.#drain());
  }

  #append(data: EntryData): void {
    try {
      this.#ledger.append(data);
    } catch (error) {
      this.#log.error('drift-not-recorded', { kind: data.kind, error: error instanceof Error ? error.message : '' });
    }
  }
}
