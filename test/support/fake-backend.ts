import type { ConfigState } from '../../shared/contract/console.ts';
import type { BatchPreview, BatchProgress } from '../../shared/model/batch.ts';
import type { ChangePayload, ChangeProgress } from '../../shared/model/change.ts';
import type { Entry, LedgerHead } from '../../shared/model/entry.ts';
import type { Flag, FlagRow } from '../../shared/model/flag.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { Backend, ServiceSet } from '../../electron/rpc/backend.ts';
import type { RowsDelta } from '../../electron/services/flags/api.ts';
import type { Clock, Disposable, LogFields } from '../../electron/services/ports.ts';
import type { SliUpdate } from '../../electron/services/slis/api.ts';
import { sessionWith, nobody } from './people.ts';
import { GOOD_PROBE } from './provider-parts.ts';

/** Listeners that can be counted: a leak shows. */
export class Emitter<T> {
  readonly listeners = new Set<(value: T) => void>();
  on = (listener: (value: T) => void): Disposable => {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  };
  emit(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}

export const HASH = 'a'.repeat(64);

export function flagRow(key: string, over: Partial<FlagRow> = {}): FlagRow {
  return {
    connection: 'local',
    key,
    type: 'release',
    polarity: 'enables',
    owner: 'payments',
    critical: false,
    stale: false,
    services: ['checkout'],
    exposure: 'some',
    percentage: 20,
    serves: 'off',
    targeting: 'percentage on: 20, off: 80',
    killed: false,
    killable: true,
    changedAtMs: 1_000,
    ...over,
  };
}

export function aFlag(key: string): Flag {
  return {
    connection: 'local',
    key,
    description: null,
    type: 'release',
    polarity: 'enables',
    variants: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    owner: null,
    expiresAtMs: null,
    safeDefault: 'off',
    fallback: null,
    failState: null,
    critical: false,
    stale: false,
    lastDrillAtMs: null,
    tags: [],
    services: ['checkout'],
    environments: [],
  };
}

export function aProgress(stage: ChangeProgress['stage'] = 'accepted'): ChangeProgress {
  const side = {
    exposure: 'some' as const,
    percentage: 20,
    serves: 'on',
    targeting: null,
    killed: false,
    offMeaning: 'off-value' as const,
    revision: 'r1',
    definition: {},
  };
  const payload: ChangePayload = {
    version: 1,
    id: 'change-1',
    action: 'kill',
    connection: 'local',
    providerKind: 'flagd',
    flag: 'checkout',
    polarity: 'enables',
    environment: 'production',
    providerEnvironment: 'production.flagd.json',
    tone: 'production',
    before: side,
    after: { ...side, killed: true },
    write: {},
    offMeaning: 'off-value',
    affectedServices: [],
    affectedSlis: [],
    undoes: null,
    demand: { people: 1, typed: false, rationale: false },
    device: 'device-1',
    previewedAtMs: 0,
    expiresAtMs: 1,
  };
  return {
    change: { hash: HASH, payload, rationale: 'p99', proposedAtMs: 0 },
    stage,
    problem: null,
    propagation: {
      requestedAtMs: null,
      acceptedAtMs: null,
      servedAtMs: null,
      observedAtMs: null,
      observed: 0,
      expected: 0,
      observers: false,
      observations: [],
      worstCaseAtMs: null,
      overdue: false,
    },
    recoveries: [],
    undoneBy: null,
  };
}

export function aBatchPreview(): BatchPreview {
  return {
    hash: HASH,
    name: '2 flags',
    environment: 'production',
    tone: 'production',
    demand: { people: 1, typed: true, rationale: false },
    typedWord: 'production',
    affectedServices: ['checkout'],
    items: [],
    expiresAtMs: 1,
  };
}

export function aBatchProgress(state: BatchProgress['state'] = 'done'): BatchProgress {
  const batch = {
    hash: HASH,
    id: 'batch-1',
    name: '2 flags',
    environment: 'production',
    changes: [HASH],
    rationale: 'p99',
    proposedAtMs: 0,
  };
  return { batch, state, waiting: null, items: [] };
}

/** A real clock whose timers do not keep the process alive. */
export const testClock: Clock = {
  now: Date.now,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return { dispose: () => clearTimeout(timer) };
  },
  every(periodMs, run) {
    const timer = setInterval(() => void run(), periodMs).unref();
    return { dispose: () => clearInterval(timer) };
  },
};

export interface FakeBackend extends Backend {
  readonly events: {
    readonly rows: Emitter<RowsDelta>;
    readonly flag: Emitter<Flag>;
    readonly status: Emitter<void>;
    readonly slis: Emitter<SliUpdate>;
    readonly progress: Emitter<ChangeProgress>;
    readonly batches: Emitter<BatchProgress>;
    readonly drift: Emitter<string>;
    readonly services: Emitter<ServiceSet>;
    readonly config: Emitter<void>;
    readonly entries: Emitter<Entry>;
    /** Of people, approvals, incidents, vault, team and notify. */
    readonly people: Emitter<void>;
  };
  readonly rows: Map<string, FlagRow>;
  readonly logged: { level: string; event: string; fields: LogFields }[];
  /** What was asked of the change service, in order. */
  readonly asked: unknown[];
  /** Replaces the services, as a reload of the configuration does. */
  reload(): void;
  /** Subscriptions that are open on any service. */
  subscriptions(): number;
  disposed: boolean;
}

/** A back end whose services are held in memory and steered by the test. */
export function createFakeBackend(options: { rows?: number; host?: Backend['host'] } = {}): FakeBackend {
  const events = {
    rows: new Emitter<RowsDelta>(),
    flag: new Emitter<Flag>(),
    status: new Emitter<void>(),
    slis: new Emitter<SliUpdate>(),
    progress: new Emitter<ChangeProgress>(),
    batches: new Emitter<BatchProgress>(),
    drift: new Emitter<string>(),
    services: new Emitter<ServiceSet>(),
    config: new Emitter<void>(),
    entries: new Emitter<Entry>(),
    people: new Emitter<void>(),
  };
  const rows = new Map<string, FlagRow>();
  for (let index = 0; index < (options.rows ?? 3); index += 1) rows.set(`flag-${index}`, flagRow(`flag-${index}`));
  const logged: FakeBackend['logged'] = [];
  const asked: unknown[] = [];
  const note =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void logged.push({ level, event, fields });
  const head: LedgerHead = {
    device: 'device-1',
    entries: 0,
    hash: '0'.repeat(64),
    verified: 'verified',
    problem: null,
  };
  const config: ConfigState = { mode: 'sandbox', path: null, team: 'payments', loadedAtMs: 0, problems: [] };
  const unused = (name: string) => () => {
    throw new Error(`the fake has no ${name}`);
  };

  const createServices = (): ServiceSet => ({
    environments: [{ name: 'production', tone: 'production', propagationObjectiveMs: 30_000 }],
    flags: {
      statuses: () => [
        {
          id: 'local',
          kind: 'flagd',
          role: 'flags',
          state: 'ready',
          sinceMs: 0,
          lastReadAtMs: 1,
          fromCache: false,
          problem: null,
          environments: [{ name: 'production', theirs: '/flags/production.json' }],
          can: ['kill', 'restore', 'rollout'],
          items: rows.size,
        },
      ],
      onStatus: (listener) => events.status.on(listener),
      rows: () => [...rows.values()],
      onRows: (_environment, listener) => events.rows.on(listener),
      flag: ({ key }) => (rows.has(key) ? aFlag(key) : null),
      onFlag: (_ref, listener) => events.flag.on(listener),
      markers: () => [],
      onMarker: () => ({ dispose: () => undefined }),
      connection: unused('connection'),
      find: unused('find'),
      readNow: unused('readNow'),
      noteOurChange: unused('noteOurChange'),
      readManyNow: unused('readManyNow'),
      noteOurChanges: unused('noteOurChanges'),
      held: unused('held'),
      retry: async (id) => void asked.push({ retry: id }),
      probe: async () => GOOD_PROBE,
      settled: async () => undefined,
      dispose: () => undefined,
    },
    slis: {
      statuses: () => [],
      onStatus: (listener) => events.status.on(listener),
      slis: () => [],
      views: () => [],
      view: () => null,
      watch: (_filter, listener) => events.slis.on(listener),
      onBreach: () => ({ dispose: () => undefined }),
      retry: async () => undefined,
      probe: async () => GOOD_PROBE,
      dispose: () => undefined,
    },
    changes: {
      preview: async (request) => {
        asked.push({ preview: request });
        return { hash: HASH, payload: aProgress().change.payload };
      },
      propose: (preview, rationale) => {
        asked.push({ propose: preview, rationale });
        return { ...aProgress().change, rationale };
      },
      execute: async (hash) => {
        asked.push({ execute: hash });
        return aProgress();
      },
      progress: (hash) => (hash === HASH ? aProgress() : null),
      recent: () => [aProgress()],
      onProgress: (listener) => events.progress.on(listener),
      reconcile: async () => undefined,
      dispose: () => undefined,
    },
    batches: {
      killSets: () => [],
      preview: async (_environment, target) => {
        asked.push({ previewBatch: target });
        return aBatchPreview();
      },
      propose: (preview, rationale) => {
        asked.push({ proposeBatch: preview, rationale });
        return aBatchProgress().batch;
      },
      execute: async (hash) => {
        asked.push({ executeBatch: hash });
        return aBatchProgress();
      },
      progress: (hash) => (hash === HASH ? aBatchProgress() : null),
      onProgress: (listener) => events.batches.on(listener),
      dispose: () => undefined,
    },
    drift: {
      drifts: () => [],
      observers: () => [],
      onChange: (listener) => events.drift.on(listener),
      dispose: () => undefined,
    },
    approvals: {
      permitFor: () => ({}),
      whyNotMake: () => null,
      state: () => ({ items: [], forMe: 0, glass: [], glassAllowed: [] }),
      item: () => null,
      onChange: (listener) => events.people.on(listener),
      request: unused('request'),
      withdraw: unused('withdraw'),
      decide: unused('decide'),
      export: unused('export'),
      import: unused('import'),
      breakGlass: unused('breakGlass'),
      endBreakGlass: unused('endBreakGlass'),
      reviewBreakGlass: unused('reviewBreakGlass'),
      glass: () => [],
      dispose: () => undefined,
    },
    incidents: {
      list: () => [],
      onChange: (listener) => events.people.on(listener),
      open: unused('open'),
      close: unused('close'),
      note: unused('note'),
      override: unused('override'),
      heldBy: () => null,
    },
    notify: {
      targets: () => [],
      onChange: (listener) => events.people.on(listener),
      probe: async () => GOOD_PROBE,
      send: async () => [],
      settled: async () => undefined,
      dispose: () => undefined,
    },
    status: { message: unused('message') },
    team: {
      state: () => ({
        configured: false,
        state: 'none',
        lastSyncAtMs: null,
        waiting: 0,
        problem: null,
        chains: [],
        quarantined: [],
        presence: [],
      }),
      onChange: (listener) => events.people.on(listener),
      setDoing: () => undefined,
      syncNow: async () => undefined,
      dispose: () => undefined,
    },
    vault: {
      state: () => ({ exists: false, open: false, credentials: [], missing: [], sealed: [], problems: [] }),
      onChange: (listener) => events.people.on(listener),
      set: async () => undefined,
      remove: async () => undefined,
      seal: async () => undefined,
      openTogether: unused('openTogether'),
      askForShare: unused('askForShare'),
      readShareRequest: unused('readShareRequest'),
      giveShare: unused('giveShare'),
      takeShare: unused('takeShare'),
      dispose: () => undefined,
    },
    now: {
      now: () => ({ breaches: [], markers: [] }),
      onChange: () => ({ dispose: () => undefined }),
      dispose: () => undefined,
    },
  });

  let services = createServices();
  let nextId = 0;
  const backend: FakeBackend = {
    events,
    rows,
    logged,
    asked,
    disposed: false,
    reload() {
      services = createServices();
      events.services.emit(services);
    },
    subscriptions: () => Object.values(events).reduce((sum, emitter) => sum + emitter.listeners.size, 0),
    product: { name: 'scram', version: '0.0.0-test' },
    host: options.host ?? 'web',
    clock: testClock,
    ids: { next: () => `id-${++nextId}` },
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    ledger: {
      device: 'device-1',
      append: unused('append'),
      appendAll: unused('appendAll'),
      head: () => head,
      all: () => [],
      of: () => [],
      page: () => [],
      verify: () => head,
      verifyInSteps: async () => head,
      onAppend: (listener) => events.entries.on(listener),
      chains: () => [],
      heads: () => new Map(),
      rowsAfter: () => [],
      receive: () => ({ taken: 0, refused: [] }),
      quarantined: () => [],
      timeline: () => ({ total: 0, entries: [] }),
      redact: unused('redact'),
      anchor: () => ({ line: 'scram-anchor-v1', spoken: '0000', digest: '0' }),
      checkAnchor: () => ({ ok: true, words: 'every head is in its chain' }),
      seal: async () => [],
    },
    people: {
      roster: () => nobody,
      onRoster: () => ({ dispose: () => undefined }),
      openSession: () => sessionWith(['view', 'act', 'approve', 'administer']),
      beside: unused('beside'),
      state: () => ({
        enforced: false,
        roster: {
          version: 0,
          pinned: null,
          signedBy: null,
          signedAtMs: null,
          operators: [],
          unsigned: [],
          problem: null,
        },
        me: null,
        rights: ['view', 'act', 'approve', 'administer'],
        unlockable: [],
        keychain: false,
        retryAtMs: null,
        practicePassphrase: null,
      }),
      onChange: (listener) => events.people.on(listener),
      enrol: unused('enrol'),
      changePassphrase: unused('changePassphrase'),
      keepInKeychain: unused('keepInKeychain'),
      signRoster: unused('signRoster'),
      removeKey: unused('removeKey'),
      lockAll: () => undefined,
    },
    renewed: async () => undefined,
    config: () => config,
    services: () => services,
    onServices: (listener) => events.services.on(listener),
    onConfig: (listener) => events.config.on(listener),
    configJsonSchema: () => '{}',
    async initialise(directory) {
      if (directory === '/taken') throw new ScramError('refused', 'there is a scram.yaml in /taken already');
      return { directory, files: ['scram.yaml'] };
    },
    async dispose() {
      backend.disposed = true;
    },
  };
  return backend;
}
