import type { ApprovalItem, BreakGlassItem } from '../../../shared/model/approval.ts';
import type { BatchProgress } from '../../../shared/model/batch.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import type { NotifyLookups } from '../../../electron/services/notify/triggers.ts';

export const AT = 1_700_000_000_000;
export const HASH = 'ab'.repeat(32);
export const BATCH = 'cd'.repeat(32);
export const REQUEST = 'ef'.repeat(32);
export const DEVICE = 'dev-1';

const state = (over: Partial<FlagState>): FlagState => ({
  exposure: 'some',
  percentage: 20,
  serves: 'off',
  targeting: null,
  killed: false,
  offMeaning: 'off-value',
  revision: 'r1',
  ...over,
});

export function aChange(over: Partial<Change['payload']> = {}, rationale = 'errors at checkout'): Change {
  return {
    hash: HASH,
    rationale,
    proposedAtMs: AT,
    payload: {
      version: 1,
      id: 'c1',
      action: 'kill',
      connection: 'flags',
      providerKind: 'flagd',
      flag: 'enable_new_pricing',
      polarity: 'enables',
      environment: 'production',
      providerEnvironment: 'prod.json',
      tone: 'production',
      before: { ...state({}), definition: { token: 'definitions are not told' } },
      after: { ...state({ exposure: 'nobody', percentage: 0, killed: true }), definition: null },
      write: null,
      offMeaning: 'off-value',
      affectedServices: ['checkout'],
      affectedSlis: [],
      undoes: null,
      demand: { people: 1, typed: false, rationale: false },
      device: DEVICE,
      previewedAtMs: AT,
      expiresAtMs: AT + 60_000,
      ...over,
    },
  };
}

export function aBatch(
  items: readonly [flag: string, stage: 'accepted' | 'failed', problem: string | null][],
): BatchProgress {
  return {
    batch: {
      hash: BATCH,
      id: 'b1',
      name: 'checkout-minimum',
      environment: 'production',
      changes: items.map(() => HASH),
      rationale: 'all of it burns',
      proposedAtMs: AT,
    },
    state: 'done',
    waiting: null,
    items: items.map(([flag, stage, problem]) => ({
      change: HASH,
      connection: 'flags',
      flag,
      stage,
      problem,
      acceptedAtMs: null,
      servedAtMs: null,
      observedAtMs: null,
    })),
  };
}

const subject = { kind: 'change', hash: HASH } as const;
export const request: ApprovalItem['request'] = {
  body: {
    version: 1,
    id: 'r1',
    subject,
    environment: 'production',
    device: DEVICE,
    requester: { operator: 'alex', key: 'k1' },
    atMs: AT,
    expiresAtMs: AT + 1_800_000,
  },
  hash: REQUEST,
  signature: 's',
};

export const decision: NonNullable<ApprovalItem['decision']> = {
  body: {
    version: 1,
    request: REQUEST,
    subject,
    environment: 'production',
    device: DEVICE,
    decision: 'approve',
    reason: 'looks right',
    by: { operator: 'sam', key: 'k2' },
    atMs: AT,
    expiresAtMs: AT + 1_800_000,
  },
  hash: 'd'.repeat(64),
  signature: 's',
};

export function anItem(): ApprovalItem {
  return {
    request,
    state: 'waiting',
    why: null,
    decision: null,
    changes: [aChange()],
    batch: null,
    requesterName: 'Alex',
    deciderName: null,
    origin: 'here',
    checkCode: '4F7K-92QX',
    executableHere: true,
  };
}

export function aGlass(over: Partial<BreakGlassItem['glass']> = {}): BreakGlassItem {
  return {
    glass: {
      id: 'g1',
      environment: 'production',
      reason: 'nobody else is awake',
      device: DEVICE,
      operator: 'alex',
      openedAtMs: AT,
      untilMs: AT + 900_000,
      reviewByMs: AT + 86_400_000,
      ...over,
    },
    operatorName: 'Alex',
    state: 'open',
    endedAtMs: null,
    changes: [HASH],
    review: null,
  };
}

export const incident: Incident = {
  id: 'i1',
  title: 'Checkout errors',
  services: ['checkout'],
  environments: ['production'],
  openedAtMs: AT,
  openedBy: 'alex',
  closedAtMs: null,
  closedBy: null,
};

export const NAMES: Readonly<Record<string, string>> = { alex: 'Alex', sam: 'Sam' };

export function lookups(over: Partial<NotifyLookups> = {}): NotifyLookups {
  return {
    nameOf: (operator) => NAMES[operator] ?? operator,
    change: (hash) => (hash === HASH ? aChange() : null),
    batchesOf: () => [],
    batch: () => null,
    approval: (hash) => (hash === REQUEST ? anItem() : null),
    glass: (id) => (id === 'g1' ? aGlass() : null),
    incident: (id) => (id === 'i1' ? incident : null),
    began: () => null,
    anchorLine: ({ digest }) => `scram-anchor-v1 ${digest}`,
    ...over,
  };
}

export function entryOf(data: EntryData, by: string | null = 'alex', device = DEVICE): Entry {
  return {
    body: {
      version: 2,
      device,
      sequence: 7,
      atMs: AT,
      previous: '0'.repeat(64),
      data,
      ...(by === null ? {} : { by: { operator: by, key: 'k1', signature: 's' } }),
    },
    hash: 'a'.repeat(64),
    signature: 's',
  };
}
