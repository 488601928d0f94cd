import { ScramError } from '../../../shared/model/error.ts';
import type { FlagObservation, FlagObserver } from '../flags/observer.ts';
import type { Clock } from '../ports.ts';
import { within } from '../time-limit.ts';
import { type Candidates, Turns } from './asked-keys.ts';

/** An answer older than this many paces tells nothing. */
const FRESH_PACES = 3;
/** Time that one look may take, milliseconds: less than its pace. */
const LOOK_LIMIT_MS = 9_000;

/** What one observer last said of the flags of one environment. */
export class LookOut {
  readonly observer: FlagObserver;
  /** The observer's id, told apart from another of the same id. */
  readonly name: string;
  readonly environment: string;
  readonly #clock: Clock;
  readonly #paceMs: number;
  readonly #turns = new Turns();
  #answers = new Map<string, readonly FlagObservation[]>();
  #rounds = 1;
  #lastSeenAtMs: number | null = null;
  #problem: string | null = null;

  constructor(options: { observer: FlagObserver; name: string; environment: string; clock: Clock; paceMs: number }) {
    this.observer = options.observer;
    this.name = options.name;
    this.environment = options.environment;
    this.#clock = options.clock;
    this.#paceMs = options.paceMs;
  }

  /** Its newest answers by flag; they stay while it fails, and grow old. */
  get answers(): ReadonlyMap<string, readonly FlagObservation[]> {
    return this.#answers;
  }

  /** Answers from before tell nothing, epoch ms. */
  get freshFromMs(): number {
    return this.#clock.now() - FRESH_PACES * this.#paceMs * this.#rounds;
  }

  /** When it last answered, epoch ms; null before the first time. */
  get lastSeenAtMs(): number | null {
    return this.#lastSeenAtMs;
  }

  get problem(): string | null {
    return this.#problem;
  }

  /** The region that all its answers are of; null when there are several, or none is told. */
  get region(): string | null {
    const regions = new Set<string | null>();
    for (const answers of this.#answers.values()) for (const { region } of answers) regions.add(region);
    const [region] = regions;
    return regions.size === 1 ? (region ?? null) : null;
  }

  /** Looks once. Never throws: what keeps it from telling is its `problem`. */
  async look(candidates: () => Candidates, signal: AbortSignal): Promise<void> {
    const wanted = candidates();
    const { keys, rounds } = this.observer.bulk
      ? { keys: [...new Set([...wanted.urgent, ...wanted.others])], rounds: 1 }
      : this.#turns.next(wanted);
    if (keys.length === 0) {
      this.#answers = new Map();
      return;
    }
    try {
      const seen = await within(this.#clock, LOOK_LIMIT_MS, [signal], (limited) =>
        this.observer.observe(keys, this.environment, limited),
      );
      this.#keep(keys, wanted, seen);
      this.#rounds = rounds;
      this.#lastSeenAtMs = this.#clock.now();
      this.#problem = null;
    } catch (error) {
      if (!signal.aborted) this.#problem = problemOf(error);
    }
  }

  /** Of a flag that was asked for the new answers alone count; of others the last ones, while they are still wanted. */
  #keep(keys: readonly string[], { urgent, others }: Candidates, seen: readonly FlagObservation[]): void {
    const fresh = new Map<string, readonly FlagObservation[]>(Map.groupBy(seen, ({ key }) => key));
    const asked = new Set(keys);
    for (const [key, answers] of this.#answers) {
      if (!asked.has(key) && (urgent.has(key) || others.has(key))) fresh.set(key, answers);
    }
    this.#answers = fresh;
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof ScramError)) return 'it failed unexpectedly';
  return error.action === null ? error.message : `${error.message}. ${error.action}`;
}
