import type { FlagRef } from '../flags/api.ts';
import type { ChangePorts } from './ports.ts';

/** The first is told at once; those that follow wait for one another this long, milliseconds. */
const PACE_MS = 100;

interface Waiting {
  readonly refs: FlagRef[];
  atMs: number;
  readonly noted: PromiseWithResolvers<boolean>;
}

/**
 * Tells the flag service which changes are ours, so that none is taken for somebody else's. Those that come while one
 * telling is under way go together in the next: five hundred kills are not five hundred reads.
 */
export class Notes {
  readonly #ports: Pick<ChangePorts, 'flags' | 'clock' | 'log'>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #busy = new Set<string>();

  constructor(ports: Pick<ChangePorts, 'flags' | 'clock' | 'log'>) {
    this.#ports = ports;
  }

  /** Resolves with whether the flag has been read back at its source since; never rejects. `atMs`: epoch ms. */
  add(ref: FlagRef, environment: string, atMs: number): Promise<boolean> {
    const place = `${ref.connection}/${environment}`;
    const known = this.#waiting.get(place);
    const waiting = known ?? { refs: [], atMs, noted: Promise.withResolvers<boolean>() };
    waiting.refs.push(ref);
    waiting.atMs = Math.max(waiting.atMs, atMs);
    if (known === undefined) {
      this.#waiting.set(place, waiting);
      if (!this.#busy.has(place)) queueMicrotask(() => void this.#tell(place, environment));
    }
    return waiting.noted.promise;
  }

  async #tell(place: string, environment: string): Promise<void> {
    const next = this.#waiting.get(place);
    if (next === undefined || this.#busy.has(place)) return;
    this.#waiting.delete(place);
    this.#busy.add(place);
    const { refs, atMs, noted } = next;
    try {
      await this.#ports.flags.noteOurChanges(refs, environment, atMs);
      noted.resolve(true);
    } catch (error) {
      this.#ports.log.warn('change.note-failed', { flags: refs.length, error: String(error) });
      noted.resolve(false);
    }
    this.#ports.clock.after(PACE_MS, () => {
      this.#busy.delete(place);
      return this.#tell(place, environment);
    });
  }
}
