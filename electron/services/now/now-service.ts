import type { Breach, Now, SliView } from '../../../shared/contract/slis.ts';
import type { Environment } from '../../../shared/model/environment.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Objective } from '../../../shared/model/sli.ts';
import { separationOf } from '../../../shared/rules/cohort.ts';
import { rankSuspects } from '../../../shared/rules/suspects.ts';
import type { FlagService } from '../flags/api.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { SliService } from '../slis/api.ts';
import type { NowService } from './api.ts';

/** Changes older than this are history, not news. */
const MARKER_AGE_MS = 60 * 60_000;
/** Breaches, markers and flags that move together are told of together. */
const COALESCE_MS = 100;
/** Values, cohorts and ages move without an event of their own. */
const REFRESH_MS = 5_000;

export interface NowServiceOptions {
  readonly flags: Pick<FlagService, 'markers' | 'onMarker' | 'onRows'>;
  readonly slis: Pick<SliService, 'views' | 'onBreach'>;
  readonly environments: readonly Environment[];
  readonly clock: Clock;
}

export function createNowService({ flags, slis, environments, clock }: NowServiceOptions): NowService {
  const listeners = new Map<string, Set<(now: Now) => void>>();
  const told = new Map<string, string>();
  const due = new Set<string>();
  let pending: Disposable | null = null;

  function now(environment: string): Now {
    const nowMs = clock.now();
    const markers = flags.markers({ environment }).filter((marker) => marker.atMs >= nowMs - MARKER_AGE_MS);
    const breaches = slis
      .views({ environment })
      .map((view) => breachOf(view, markers, nowMs))
      .filter((breach) => breach !== null)
      .sort((a, b) => severity(b) - severity(a) || a.sinceMs - b.sinceMs || (a.sli.id < b.sli.id ? -1 : 1));
    return { breaches, markers };
  }

  function recompute(environment: string): void {
    due.add(environment);
    pending ??= clock.after(COALESCE_MS, tell);
  }

  function tell(): void {
    pending = null;
    const moved = [...due];
    due.clear();
    for (const environment of moved) {
      const own = listeners.get(environment);
      if (!own || own.size === 0) continue;
      const value = now(environment);
      const text = JSON.stringify(value);
      if (told.get(environment) === text) continue;
      told.set(environment, text);
      for (const listener of [...own]) listener(value);
    }
  }

  const subscriptions: Disposable[] = [
    slis.onBreach((view) => recompute(view.sli.environment)),
    flags.onMarker((marker) => recompute(marker.environment)),
    ...environments.map(({ name }) => flags.onRows(name, () => recompute(name))),
    clock.every(REFRESH_MS, () => {
      for (const [environment, own] of listeners) if (own.size > 0) recompute(environment);
    }),
  ];

  return {
    now,
    onChange(environment, listener) {
      const own = listeners.get(environment) ?? new Set();
      listeners.set(environment, own);
      own.add(listener);
      // A new listener starts from its own snapshot: the next change is told whatever was told before.
      told.delete(environment);
      return { dispose: () => void own.delete(listener) };
    },
    dispose() {
      pending?.dispose();
      for (const subscription of subscriptions) subscription.dispose();
      listeners.clear();
    },
  };
}

/** Null when the SLI is not in breach. A breach whose source fell silent still stands. */
function breachOf(view: SliView, markers: readonly Marker[], nowMs: number): Breach | null {
  const { sli, status, series } = view;
  const sinceMs = status.breachedSinceMs;
  if (sinceMs === null || status.latest === null) return null;
  const { on, off } = series;
  const separation = on && off ? separationOf({ on, off }, sli.objective, sinceMs, nowMs) : null;
  const cohort =
    separation && sli.cohortFlag !== null
      ? { flag: sli.cohortFlag, ratio: separation.ratio, separated: separation.separated }
      : null;
  const suspects = rankSuspects({
    breachSinceMs: sinceMs,
    service: sli.service,
    markers,
    nowMs,
    ...(cohort ? { cohort } : {}),
  });
  return { sli, value: status.latest.value, sinceMs, suspects };
}

/** How many times past its objective an SLI stands; where a bound of zero has no multiples, how far. */
function severity({ value, sli }: Breach): number {
  return sli.objective === null ? 0 : excess(value, sli.objective);
}

function excess(value: number, objective: Objective): number {
  if ('below' in objective) return objective.below > 0 ? value / objective.below : 1 + value - objective.below;
  return value > 0 && objective.above > 0 ? objective.above / value : 1 + objective.above - value;
}
