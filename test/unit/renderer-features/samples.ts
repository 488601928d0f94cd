import type { ChangeProgress, ChangePayload } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Recovery } from '../../../shared/model/recovery.ts';

export function state(change: Partial<FlagState> = {}): FlagState {
  return {
    exposure: 'everyone',
    percentage: 100,
    serves: 'on',
    targeting: null,
    killed: false,
    offMeaning: 'off-value',
    revision: 'r1',
    ...change,
  };
}

export function payload(change: Partial<ChangePayload> = {}): ChangePayload {
  return {
    version: 1,
    id: 'c1',
    action: 'kill',
    connection: 'local',
    providerKind: 'flagd',
    flag: 'enable_new_pricing',
    polarity: 'enables',
    environment: 'production',
    providerEnvironment: '/flags/production.json',
    tone: 'production',
    before: { ...state(), definition: {} },
    after: {
      ...state({ serves: 'off', exposure: 'nobody', percentage: 0, killed: true, revision: 'r2' }),
      definition: {},
    },
    write: {},
    offMeaning: 'off-value',
    affectedServices: ['checkout'],
    affectedSlis: ['checkout/p99'],
    undoes: null,
    demand: { people: 1, typed: false, rationale: false },
    device: 'd',
    previewedAtMs: 0,
    expiresAtMs: 60_000,
    ...change,
  };
}

export function recovery(verdict: Recovery['verdict']): Recovery {
  return {
    sli: 'checkout/p99',
    verdict,
    reason: { id: 'recovery.recovered', params: { needed: 5 } },
    changedAtMs: 0,
    deadlineMs: 600_000,
    recoveredAtMs: null,
    tookMs: null,
    baselineMedian: 0.2,
    limit: 0.6,
    worst: 1.9,
    latest: 0.2,
    goodSamples: 5,
    neededSamples: 5,
    samples: 9,
  };
}

export interface ProgressWish {
  readonly acceptedAtMs: number | null;
  readonly observers?: boolean;
  readonly observed?: number;
  readonly recoveries?: Recovery[];
}

export function progress(wish: ProgressWish): ChangeProgress {
  return {
    change: { hash: 'b'.repeat(64), payload: payload(), rationale: '', proposedAtMs: 0 },
    stage: wish.acceptedAtMs === null ? 'requested' : 'accepted',
    problem: null,
    propagation: {
      requestedAtMs: 0,
      acceptedAtMs: wish.acceptedAtMs,
      servedAtMs: null,
      observedAtMs: null,
      observed: wish.observed ?? 0,
      expected: 3,
      observers: wish.observers ?? false,
      observations: [],
      worstCaseAtMs: null,
      overdue: false,
    },
    recoveries: wish.recoveries ?? [],
    undoneBy: null,
  };
}

export function marker(change: Partial<Marker> = {}): Marker {
  return {
    id: 'm1',
    kind: 'flag',
    atMs: 0,
    approximate: false,
    environment: 'production',
    connection: 'local',
    subject: 'enable_new_pricing',
    services: ['checkout'],
    fromPercentage: 0,
    toPercentage: 20,
    ours: false,
    by: null,
    ...change,
  };
}
