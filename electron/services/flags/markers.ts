import type { Marker } from '../../../shared/model/marker.ts';
import type { Ledger } from '../ledger/api.ts';
import type { FlagRef } from './api.ts';

/** Older ones stay in the ledger; charts and suspects reach back hours, not thousands of changes. */
const MOST = 5_000;

/** Flag changes on the time axis: a projection of the ledger's `flag.seen-changed` entries (A3, D6). */
export class Markers {
  readonly #ledger: Ledger;
  readonly #byId = new Map<string, Marker>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    // Each console sees the flags itself: what the others saw would stand twice on the axis (D8).
    for (const { body } of ledger.of(['flag.seen-changed'])) {
      if (body.device === ledger.device && body.data.kind === 'flag.seen-changed') this.#keep(body.data.marker);
    }
  }

  /** Writes the marker to the ledger; a later one with the same id replaces it (it turned out to be ours, its author became known). */
  add(marker: Marker, revision: string): void {
    this.#ledger.append({ kind: 'flag.seen-changed', marker, revision });
    this.#keep(marker);
  }

  /** Oldest first. */
  list(filter: { environment?: string; flag?: FlagRef }): Marker[] {
    return [...this.#byId.values()]
      .filter(
        (marker) =>
          (filter.environment === undefined || marker.environment === filter.environment) &&
          (filter.flag === undefined ||
            (marker.connection === filter.flag.connection && marker.subject === filter.flag.key)),
      )
      .sort((a, b) => a.atMs - b.atMs);
  }

  get(id: string): Marker | null {
    return this.#byId.get(id) ?? null;
  }

  /** The newest marker of one flag in one environment. */
  latest(flag: FlagRef, environment: string): Marker | null {
    let latest: Marker | null = null;
    for (const marker of this.#byId.values()) {
      if (marker.subject !== flag.key || marker.connection !== flag.connection) continue;
      if (marker.environment === environment && (latest === null || marker.atMs >= latest.atMs)) latest = marker;
    }
    return latest;
  }

  #keep(marker: Marker): void {
    this.#byId.set(marker.id, marker);
    if (this.#byId.size <= MOST) return;
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#byId.delete(oldest);
  }
}
