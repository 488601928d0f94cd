import type { Marker } from '../../../shared/model/marker.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { FlagConnection } from './api.ts';
import type { AuditEvent } from './provider.ts';
import { asScramError } from './status.ts';

/** A feed tells of a change a moment after it; then it is asked at a slower and slower pace, milliseconds. */
const LOOKS_MS = [1_000, 5_000, 15_000, 60_000];
/** Changes whose author has not been told by then stay without one, milliseconds. */
const GIVE_UP_MS = 10 * 60_000;
/** What the provider's clock may be off from ours, milliseconds. */
const SKEW_MS = 10_000;
/** Where nothing tells when the flag was last seen as it was, the feed is read this far back, milliseconds. */
const LONGEST_LOOK_BACK_MS = 24 * 60 * 60_000;

/** A change of somebody else that was found between two reads. */
export interface Foreign {
  readonly marker: Marker;
  readonly revision: string;
  /** Of the read before it, epoch ms; null when there is none. */
  readonly sinceMs: number | null;
}

/** Is told the event that made a change; false when it cannot be noted yet. */
type Credit = (connection: FlagConnection, foreign: Foreign, event: AuditEvent) => boolean;

/** The event that made the change: the last one of its flag, from the read before it until it was seen. */
export function eventOf({ marker, sinceMs }: Foreign, events: readonly AuditEvent[]): AuditEvent | null {
  const fromMs = startOf({ marker, sinceMs });
  let found: AuditEvent | null = null;
  for (const event of events) {
    if (event.key !== marker.subject || (event.environment ?? marker.environment) !== marker.environment) continue;
    if (event.atMs < fromMs || event.atMs > marker.atMs + SKEW_MS) continue;
    if (found === null || event.atMs >= found.atMs) found = event;
  }
  return found;
}

function startOf({ marker, sinceMs }: Pick<Foreign, 'marker' | 'sinceMs'>): number {
  const knownMs = Math.min(sinceMs ?? 0, marker.atMs);
  return Math.max(knownMs, marker.atMs - LONGEST_LOOK_BACK_MS) - SKEW_MS;
}

/** Reads who changed what from the providers that keep it (D6), after a change was seen and until its author is known. */
export class AuditTrail {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #credit: Credit;
  readonly #open = new Map<FlagConnection, Map<string, Foreign & { readonly seenAtMs: number }>>();
  readonly #timers = new Map<FlagConnection, { timer: Disposable; look: number }>();
  readonly #reading = new Set<FlagConnection>();
  readonly #warned = new Set<FlagConnection>();
  readonly #abort = new AbortController();

  constructor(clock: Clock, log: Log, credit: Credit) {
    this.#clock = clock;
    this.#log = log;
    this.#credit = credit;
  }

  /** Looks for the author of the change, unless the provider keeps none or it is known already. */
  add(connection: FlagConnection, foreign: Foreign): void {
    const { capabilities, audit } = connection.provider;
    if (!capabilities.audit || audit === undefined || this.#abort.signal.aborted) return;
    if (foreign.marker.by !== null && !foreign.marker.approximate) return;
    const open = this.#open.get(connection) ?? new Map();
    this.#open.set(connection, open);
    open.set(foreign.marker.id, { ...foreign, seenAtMs: this.#clock.now() });
    this.#plan(connection, 0);
  }

  dispose(): void {
    this.#abort.abort();
    for (const { timer } of this.#timers.values()) timer.dispose();
  }

  #plan(connection: FlagConnection, look: number): void {
    const planned = this.#timers.get(connection);
    if (this.#reading.has(connection) || (planned && planned.look <= look)) return;
    planned?.timer.dispose();
    const delayMs = LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)] ?? 0;
    const timer = this.#clock.after(delayMs, () => this.#look(connection, look));
    this.#timers.set(connection, { timer, look });
  }

  async #look(connection: FlagConnection, look: number): Promise<void> {
    this.#timers.delete(connection);
    const open = this.#open.get(connection);
    for (const [id, { seenAtMs }] of open ?? []) {
      if (this.#clock.now() - seenAtMs > GIVE_UP_MS) open?.delete(id);
    }
    if (!open || open.size === 0 || this.#abort.signal.aborted) return;
    const asked = [...open.values()];
    let waitMs = 0;
    this.#reading.add(connection);
    try {
      const sinceMs = Math.min(...asked.map(startOf));
      const events = (await connection.provider.audit?.(sinceMs, this.#abort.signal)) ?? [];
      this.#warned.delete(connection);
      for (const foreign of asked) {
        // Found to be ours, or of no interest any more, while the feed was read.
        if (this.#abort.signal.aborted || !open.has(foreign.marker.id)) continue;
        const event = eventOf(foreign, events);
        if (event !== null && this.#credit(connection, foreign, event)) open.delete(foreign.marker.id);
      }
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const { code, message, retryAfterMs } = asScramError(error);
      waitMs = retryAfterMs ?? 0;
      if (!this.#warned.has(connection)) {
        this.#log.warn('audit-not-read', { connection: connection.id, code, problem: message });
      }
      this.#warned.add(connection);
    } finally {
      this.#reading.delete(connection);
    }
    if (open.size === 0 || this.#abort.signal.aborted) return;
    const known = new Set<Foreign>(asked);
    const added = [...open.values()].some((foreign) => !known.has(foreign));
    if (waitMs === 0) return this.#plan(connection, added ? 0 : look + 1);
    const timer = this.#clock.after(waitMs, () => this.#look(connection, look + 1));
    this.#timers.set(connection, { timer, look: -1 });
  }
}
