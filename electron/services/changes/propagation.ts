import type { ChangePayload, Observation } from '../../../shared/model/change.ts';
import type { Variant } from '../../../shared/model/flag.ts';
import { agreesWith, type Expectation, expectationOf, variantInUse } from '../../../shared/rules/expectation.ts';
import type { FlagObservation } from '../flags/observer.ts';
import type { ChangeRecord } from './projection.ts';

/** The watch gives up this long after the change was accepted, milliseconds. */
export const PROPAGATION_LIMIT_MS = 10 * 60_000;
/** Observations that differ in nothing but their time are told this often at most, milliseconds. */
const NEWS_PACE_MS = 1_000;

/** One observation for each instance; an answer from before the change was accepted proves nothing. */
export function observationsOf(
  observer: string,
  answers: readonly FlagObservation[],
  { expectation, variants = [] }: { readonly expectation: Expectation; readonly variants?: readonly Variant[] },
  acceptedAtMs: number,
  earlier: readonly Observation[],
): Observation[] {
  const named = expectation === null ? null : 'uses' in expectation ? expectation.uses : expectation.notOnly;
  const known = answers.map(({ instance, region, atMs, ...seen }) => ({
    instance,
    region,
    atMs,
    variant: variantInUse(seen, variants, named),
  }));
  return [...Map.groupBy(known, (answer) => answer.instance)].map(([instance, seen]): Observation => {
    const newest = seen.reduce((a, b) => (b.atMs > a.atMs ? b : a));
    const differing = seen.find((answer) => !agreesWith(answer.variant, expectation));
    const agreeing = seen.find((answer) => agreesWith(answer.variant, expectation));
    // For `uses`, one stray variant is enough to disagree; for `notOnly`, one new variant is enough to agree.
    const agrees =
      newest.atMs >= acceptedAtMs &&
      (expectation !== null && 'uses' in expectation ? differing === undefined : agreeing !== undefined);
    const telling = (agrees ? agreeing : differing) ?? newest;
    const before = earlier.find((entry) => entry.observer === observer && entry.instance === instance);
    const same = before !== undefined && before.variant === telling.variant && before.agrees === agrees;
    return {
      observer,
      region: newest.region,
      instance,
      variant: telling.variant,
      agrees,
      atMs: newest.atMs,
      sinceMs: same ? before.sinceMs : newest.atMs,
    };
  });
}

/** What has been seen so far of one accepted change on its way to where it is served and used (B5, B14). */
export class PropagationWatch {
  readonly hash: string;
  readonly payload: ChangePayload;
  readonly acceptedAtMs: number;
  readonly expectation: Expectation;
  served: boolean;
  observed: boolean;
  /** The flag was read back at its source since it was accepted, and nobody has looked at the answer yet. */
  readBack = false;
  /** Its own console has noted it as ours: from then on it may be read. */
  noted = false;
  readonly #observers: readonly string[];
  readonly #answers = new Map<string, Observation[]>();
  readonly #problems = new Map<string, string>();
  #told = '';
  #toldAtMs = 0;

  constructor(record: ChangeRecord, acceptedAtMs: number, observers: readonly string[]) {
    this.hash = record.change.hash;
    this.payload = record.change.payload;
    this.acceptedAtMs = acceptedAtMs;
    this.expectation = expectationOf(this.payload);
    this.#observers = this.expectation === null ? [] : observers;
    this.served = record.servedAtMs !== null;
    this.observed = record.observedAtMs !== null || this.#observers.length === 0;
    this.#told = this.#state();
  }

  get open(): boolean {
    return !(this.served && this.observed);
  }

  /** Newest answer of each observer. */
  observations(): readonly Observation[] {
    return [...this.#answers.values()].flat();
  }

  /** What keeps the watch from telling, in words; null when nothing does. */
  problem(): string | null {
    return this.open ? ([...this.#problems.values()][0] ?? null) : null;
  }

  /** Keeps what one observer says. */
  take(observer: string, seen: readonly FlagObservation[], variants: readonly Variant[]): void {
    const earlier = this.#answers.get(observer) ?? [];
    const { expectation, acceptedAtMs } = this;
    this.#answers.set(observer, observationsOf(observer, seen, { expectation, variants }, acceptedAtMs, earlier));
    this.#problems.delete(observer);
  }

  /** `words` null: the source answers again. */
  failed(source: string, words: string | null): void {
    if (words === null) this.#problems.delete(source);
    else this.#problems.set(source, `${source}: ${words}`);
  }

  hasProblem(source: string): boolean {
    return this.#problems.has(source);
  }

  /** True when every observer has answered lately, and every instance that it sees agrees. */
  seenEverywhere(): boolean {
    return (
      this.#observers.every((id) => (this.#answers.get(id)?.length ?? 0) > 0 && !this.#problems.has(id)) &&
      this.observations().every((observation) => observation.agrees)
    );
  }

  /** True when what is known is other than when this was last asked; times alone count once a second. */
  hasNews(nowMs: number): boolean {
    const state = this.#state();
    if (state === this.#told && (this.#answers.size === 0 || nowMs - this.#toldAtMs < NEWS_PACE_MS)) return false;
    this.#told = state;
    this.#toldAtMs = nowMs;
    return true;
  }

  #state(): string {
    const seen = this.observations().map(({ observer, instance, variant, agrees }) => [
      observer,
      instance,
      variant,
      agrees,
    ]);
    return JSON.stringify([this.served, this.observed, seen, [...this.#problems]]);
  }
}
