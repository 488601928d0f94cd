import type { Marker } from '../../../shared/model/marker.ts';
import type { Clock, Log } from '../ports.ts';
import type { Markers } from './markers.ts';

/** Entries are synced to disk one by one; a file in which everything changed must not stop the console meanwhile. */
const ENTRIES_AT_ONCE = 20;

/** Writes markers to the ledger and tells of them, a handful at a time. */
export class MarkerRecorder {
  readonly #markers: Markers;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tell: (marker: Marker) => void;
  readonly #waiting: { marker: Marker; revision: string }[] = [];
  #draining = false;
  #timed = false;
  #disposed = false;

  constructor(markers: Markers, clock: Clock, log: Log, tell: (marker: Marker) => void) {
    this.#markers = markers;
    this.#clock = clock;
    this.#log = log;
    this.#tell = tell;
  }

  /** Puts them at the end of the queue; the first handful is on disk when this returns. */
  add(markers: readonly { marker: Marker; revision: string }[]): void {
    this.#waiting.push(...markers);
    if (!this.#timed) this.#drain();
  }

  /** Writes at once, past the queue: a correction of what is already written. */
  record(marker: Marker, revision: string): void {
    try {
      this.#markers.add(marker, revision);
    } catch (error) {
      this.#log.error('flag-change-not-recorded', {
        flag: marker.subject,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    this.#tell(marker);
  }

  /** Corrects what is not yet written. */
  amend(amended: (marker: Marker) => Marker): void {
    for (const entry of this.#waiting) entry.marker = amended(entry.marker);
  }

  /** Writes what is still waiting. */
  dispose(): void {
    this.#disposed = true;
    for (const { marker, revision } of this.#waiting.splice(0)) this.record(marker, revision);
  }

  #drain(): void {
    this.#timed = false;
    // Whoever is told of a marker may cause the next one.
    if (this.#draining || this.#disposed) return;
    this.#draining = true;
    for (const { marker, revision } of this.#waiting.splice(0, ENTRIES_AT_ONCE)) this.record(marker, revision);
    this.#draining = false;
    if (this.#waiting.length === 0) return;
    this.#timed = true;
    this.#clock.after(0, () => this.#drain());
  }
}
