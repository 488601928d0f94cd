import type { Drift, DriftPlace } from '../model/drift.ts';
import type { FlagState } from '../model/flag.ts';
import { variantForAll } from './expectation.ts';

export type IntendedState = Pick<FlagState, 'exposure' | 'percentage' | 'serves' | 'targeting' | 'killed'>;

/** The newest change of this console that the provider accepted for a flag. */
export interface MadeChange {
  readonly hash: string;
  readonly after: IntendedState;
  readonly acceptedAtMs: number;
}

/** What the provider holds, as last read. */
export interface ActualState {
  readonly state: IntendedState;
  /** Last change that is known of; null when none is. */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
}

export interface Intent {
  readonly source: 'change' | 'provider';
  readonly change: string | null;
  readonly state: IntendedState;
  /** Since when it is meant, epoch ms; null when that is not known. */
  readonly startMs: number | null;
  /** True when the provider holds something else. */
  readonly providerDiffers: boolean;
}

/** After this long a state that somebody set at the provider, against a kill from here, is taken as meant, ms. */
export const KILL_STANDS_MS = 24 * 60 * 60_000;
/** Places that one drift carries at most. */
const MOST_PLACES = 100;

/** True when the provider holds what the change was to bring about. */
export function holds(after: IntendedState, actual: IntendedState): boolean {
  const serves = after.serves === actual.serves;
  if (after.killed) return actual.killed && (serves || after.serves === null);
  return !actual.killed && after.exposure === actual.exposure && after.percentage === actual.percentage && serves;
}

/**
 * What is meant (B6): the newest change of this console for as long as the provider holds it, else what the provider
 * holds. A kill from here stays meant although somebody changes the flag at the provider, until it is undone here, another
 * change is made here, or a day has passed: that a killed feature is back must not go unnoticed.
 */
export function intentOf(made: MadeChange | null, actual: ActualState, nowMs: number): Intent {
  if (made !== null) {
    const differs = !holds(made.after, actual.state);
    const foreignMs = Math.max(made.acceptedAtMs, actual.changedAtMs ?? 0);
    if (!differs || (made.after.killed && nowMs - foreignMs < KILL_STANDS_MS)) {
      const { hash: change, after: state, acceptedAtMs: startMs } = made;
      return { source: 'change', change, state, startMs, providerDiffers: differs };
    }
  }
  return { source: 'provider', change: null, state: actual.state, startMs: actual.changedAtMs, providerDiffers: false };
}

/** One answer about one flag; `variant` is a name, null when it could not be told. */
export interface Answer {
  readonly instance: string;
  readonly region: string | null;
  readonly variant: string | null;
  readonly atMs: number;
}

/** One instance as one observer sees it, held against what is meant. */
export interface SeenPlace {
  readonly observer: string;
  readonly region: string | null;
  readonly instance: string;
  readonly variant: string | null;
  readonly verdict: 'agrees' | 'disagrees' | 'unknown';
  readonly atMs: number;
  readonly sinceMs: number;
  /** First look that disagreed, kept while nothing has shown otherwise; null when it last agreed. Epoch ms. */
  readonly disagreesSinceMs: number | null;
}

export interface PlacesInput {
  readonly observer: string;
  readonly answers: readonly Answer[];
  /** The variant that everybody should get. */
  readonly uses: string;
  /** Since when it is meant: an answer from before tells nothing. */
  readonly startMs: number | null;
  /** An older answer tells nothing either (three paces of the observer), epoch ms. */
  readonly freshFromMs: number;
  readonly earlier: ReadonlyMap<string, SeenPlace>;
}

export function placeId(place: { observer: string; region: string | null; instance: string }): string {
  return JSON.stringify([place.observer, place.region, place.instance]);
}

/** One place for each instance. Where an instance uses two variants at once, the stray one is enough to disagree. */
export function placesOf(input: PlacesInput): SeenPlace[] {
  const { observer, uses, startMs, freshFromMs, earlier } = input;
  const fromMs = Math.max(freshFromMs, startMs ?? freshFromMs);
  const byInstance = Map.groupBy(input.answers, ({ region, instance }) => placeId({ observer, region, instance }));
  return Array.from(byInstance, ([id, seen]): SeenPlace => {
    const newest = seen.reduce((a, b) => (b.atMs > a.atMs ? b : a));
    const telling = seen.filter(({ atMs, variant }) => atMs >= fromMs && variant !== null);
    const stray = telling.find(({ variant }) => variant !== uses);
    const verdict = stray ? 'disagrees' : telling.length > 0 ? 'agrees' : 'unknown';
    const { region, instance, variant } = stray ?? telling[0] ?? newest;
    const known = earlier.get(id);
    const same = known !== undefined && known.variant === variant && known.verdict === verdict;
    const disagreed = known?.disagreesSinceMs ?? null;
    return {
      observer,
      region,
      instance,
      variant,
      verdict,
      atMs: newest.atMs,
      sinceMs: same ? known.sinceMs : newest.atMs,
      disagreesSinceMs: verdict === 'agrees' ? null : verdict === 'unknown' ? disagreed : (disagreed ?? newest.atMs),
    };
  });
}

export interface DriftInput {
  readonly connection: string;
  readonly flag: string;
  readonly environment: string;
  readonly nowMs: number;
  readonly intent: Intent;
  readonly actual: ActualState;
  /** When the provider was last read, epoch ms; null when that is too long ago to count. */
  readonly actualReadAtMs: number | null;
  /** Name of this console as an author: its own changes are nobody else's. */
  readonly device: string;
  /** First look at which the provider held something else, epoch ms; null when it does not. */
  readonly differsSinceMs: number | null;
  readonly places: readonly SeenPlace[];
  /** What a change may take to reach every service, milliseconds: until then it is propagating, not drifting. */
  readonly graceMs: number;
  /** Time past which it is overdue, milliseconds (B5). */
  readonly objectiveMs: number;
  /** Since when it is known to drift from an earlier look or run, epoch ms; null when it is not. */
  readonly keptSinceMs: number | null;
  /** As it was last told, while nothing has shown that it is over. */
  readonly earlier: Drift | null;
}

/**
 * `unknown`: nothing disagrees by what was heard lately, and nothing proves that what disagreed before agrees now. What
 * was told before then still is, with what is known.
 */
export type DriftVerdict =
  | { readonly kind: 'drift'; readonly drift: Drift }
  | { readonly kind: 'agrees' }
  | { readonly kind: 'unknown'; readonly drift: Drift | null };

/** Whether what is meant, what the provider holds and what services use are the same (B5, B6). */
export function driftOf(input: DriftInput): DriftVerdict {
  const { intent, actual, actualReadAtMs, nowMs, places, differsSinceMs } = input;
  const propagating = intent.startMs !== null && nowMs < intent.startMs + input.graceMs;
  // What services use may be newer than what was read: the provider must have been read after the place disagreed.
  const isConfirmed = (sinceMs: number): boolean =>
    actualReadAtMs === null ? intent.source === 'change' : actualReadAtMs >= sinceMs;
  const lagging = propagating
    ? []
    : places.flatMap(({ verdict, disagreesSinceMs }) =>
        verdict === 'disagrees' && disagreesSinceMs !== null && isConfirmed(disagreesSinceMs) ? [disagreesSinceMs] : [],
      );
  const startMs = intent.startMs ?? 0;
  const foreign = actual.changedAtMs !== null && actual.changedAtMs > startMs && actual.changedBy !== input.device;
  const differs = intent.providerDiffers && actualReadAtMs !== null && (foreign || !propagating);
  if (lagging.length > 0 || differs) {
    const since = [...lagging];
    if (differs) since.push(foreign && actual.changedAtMs !== null ? actual.changedAtMs : (differsSinceMs ?? nowMs));
    if (input.keptSinceMs !== null && input.keptSinceMs >= startMs) since.push(input.keptSinceMs);
    return { kind: 'drift', drift: describe(input, Math.min(...since), differs, lagging.length) };
  }
  if (propagating) return { kind: 'agrees' };
  const untold = places.some(({ verdict, disagreesSinceMs }) => verdict !== 'agrees' && disagreesSinceMs !== null);
  const untoldProvider = intent.providerDiffers || (intent.source === 'provider' && actualReadAtMs === null);
  if (!untold && !untoldProvider) return { kind: 'agrees' };
  const { earlier } = input;
  const overdue = earlier !== null && nowMs - earlier.sinceMs >= input.objectiveMs;
  const drift = earlier && { ...earlier, places: shownPlaces(places), disagreeing: lagging.length, overdue };
  return { kind: 'unknown', drift };
}

function describe(input: DriftInput, sinceMs: number, providerDiffers: boolean, disagreeing: number): Drift {
  const { connection, flag, environment, intent, actual, nowMs } = input;
  const { state } = intent;
  return {
    connection,
    flag,
    environment,
    intended: {
      source: intent.source,
      change: intent.change,
      variant: variantForAll(state),
      percentage: state.percentage,
    },
    actual: {
      variant: variantForAll(actual.state),
      percentage: actual.state.percentage,
      changedAtMs: actual.changedAtMs,
      changedBy: actual.changedBy,
    },
    providerDiffers,
    places: shownPlaces(input.places),
    disagreeing,
    sinceMs,
    overdue: nowMs - sinceMs >= input.objectiveMs,
  };
}

const ORDER = { disagrees: 0, unknown: 1, agrees: 2 } as const;

function shownPlaces(places: readonly SeenPlace[]): DriftPlace[] {
  return [...places]
    .sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || a.sinceMs - b.sinceMs)
    .slice(0, MOST_PLACES)
    .map(({ observer, region, instance, variant, verdict, atMs, sinceMs }) => ({
      observer,
      region,
      instance,
      variant,
      agrees: verdict === 'agrees',
      ...(verdict === 'unknown' ? { unknown: true } : {}),
      atMs,
      sinceMs,
    }));
}

/** What disagrees, on one line, for the ledger. */
export function driftText({ intended, actual, providerDiffers, places, disagreeing }: Drift): string {
  const meant = intended.variant ?? `${intended.percentage ?? '?'} %`;
  const parts: string[] = [];
  if (providerDiffers) {
    const held = actual.variant ?? (actual.percentage === null ? 'another state' : `${actual.percentage} %`);
    const by = actual.changedBy == null ? '' : `, changed by ${actual.changedBy}`;
    parts.push(`the provider holds ${held}${by}`);
  }
  if (disagreeing > 0) {
    const stray = places.find(({ agrees, unknown }) => !agrees && unknown !== true);
    const where = stray
      ? `: ${stray.variant ?? '?'} at ${[stray.region, stray.instance].filter(Boolean).join(' ')}`
      : '';
    parts.push(`${disagreeing} of ${places.length} places use something else${where}`);
  }
  return `${meant} is intended, ${parts.join('; ')}`;
}
