import { ALONE } from '../../support/people.ts';
import { createChangeService } from '../../../electron/services/changes/change-service.ts';
import type { ChangePorts } from '../../../electron/services/changes/ports.ts';
import type { FlagService } from '../../../electron/services/flags/api.ts';
import type { FlagObservation, FlagObserver } from '../../../electron/services/flags/observer.ts';
import type { FlagProvider, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Clock, Disposable, Log } from '../../../electron/services/ports.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import type { SliView } from '../../../shared/contract/slis.ts';
import { type Config, configSchema } from '../../../shared/model/config/index.ts';
import type { EntryData, EntryKind } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Flag, FlagState } from '../../../shared/model/flag.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import { memoryStore, newSigner } from '../../support/ledger.ts';
import { capabilities, GOOD_PROBE, PLAIN_FLAG } from '../../support/provider-parts.ts';

export const START = 1_700_000_000_000;
export const ENV = 'production';
export const KEY = 'enable_new_pricing';
export const NEVER = new AbortController().signal;

export interface ManualClock extends Clock {
  /** Runs what falls due within `ms`, in order, each settled before the next. */
  advance(ms: number): Promise<void>;
  /** It is later; what fell due meanwhile is still to come, as after a sleep of the machine. */
  jump(ms: number): void;
}

/** Lets everything that waits on nothing but promises go on. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function manualClock(): ManualClock {
  let nowMs = START;
  const timers = new Set<{ atMs: number; run: () => void | Promise<void> }>();
  const after = (delayMs: number, run: () => void | Promise<void>): Disposable => {
    const timer = { atMs: nowMs + delayMs, run };
    timers.add(timer);
    return { dispose: () => void timers.delete(timer) };
  };
  return {
    now: () => nowMs,
    after,
    every(periodMs, run) {
      let pending: Disposable | null = null;
      let disposed = false;
      const next = (): void => {
        if (!disposed) pending = after(periodMs, round);
      };
      const round = async (): Promise<void> => {
        await run();
        next();
      };
      next();
      return {
        dispose() {
          disposed = true;
          pending?.dispose();
        },
      };
    },
    jump(ms) {
      nowMs += ms;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settled();
      for (;;) {
        const due = [...timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        void due.run();
        await settled();
      }
      nowMs = untilMs;
    },
  };
}

/** A flag system of one flag in one environment; its definition is `{ on: percentage }`. */
export function fakeProvider() {
  const world = {
    percentage: 20,
    place: '/etc/flags.json',
    /** Called at the start of each apply: throw to fail before the write. */
    beforeApply: async (_signal: AbortSignal): Promise<void> => {},
    /** Called after the write: throw to lose the answer. */
    afterApply: async (): Promise<void> => {},
    beforeRead: async (): Promise<void> => {},
    applied: 0,
    /** As the last write told it. */
    readAtMs: undefined as number | undefined,
    gone: false,
  };
  const stateOf = (percentage: number): FlagState => ({
    exposure: percentage === 0 ? 'nobody' : percentage === 100 ? 'everyone' : 'some',
    percentage,
    serves: percentage === 100 ? 'on' : 'off',
    targeting: percentage === 0 || percentage === 100 ? null : `${percentage} %`,
    killed: percentage === 0,
    offMeaning: 'off-value',
    revision: `r${percentage}`,
  });
  const read = async (): Promise<ProviderFlag> => {
    await world.beforeRead();
    if (world.gone) throw new ScramError('not-found', `${KEY} is gone`);
    return {
      key: KEY,
      environment: ENV,
      providerEnvironment: world.place,
      state: stateOf(world.percentage),
      variants: [
        { name: 'on', value: true },
        { name: 'off', value: false },
      ],
      safeDefault: 'off',
      ...PLAIN_FLAG,
      definition: { on: world.percentage },
    };
  };
  const provider: FlagProvider = {
    kind: 'fake',
    capabilities: capabilities({ kill: true, restoreExact: true, rollout: true }),
    environments: [ENV],
    readEnvironment: async () => ({
      environment: ENV,
      readAtMs: 0,
      sourceChangedAtMs: null,
      mark: null,
      flags: [await read()],
    }),
    readFlag: read,
    planKill: () => ({ write: { to: 0 }, after: stateOf(0), definitionAfter: { on: 0 } }),
    planRestore: (_flag, { definition, state }) => ({
      write: { to: (definition as { on: number }).on },
      after: state,
      definitionAfter: definition,
    }),
    planRollout: (_flag, percentage) => ({
      write: { to: percentage },
      after: stateOf(percentage),
      definitionAfter: { on: percentage },
    }),
    async apply(request, signal) {
      world.readAtMs = request.readAtMs;
      await world.beforeApply(signal);
      if (`r${world.percentage}` !== request.expectRevision) throw new ScramError('conflict', 'the flag moved');
      world.percentage = (request.write as { to: number }).to;
      world.applied += 1;
      await world.afterApply();
    },
    watch: () => ({ dispose() {} }),
    probe: async () => GOOD_PROBE,
    dispose() {},
  };
  return { world, provider, read };
}

export interface WorldOptions {
  readonly config?: Record<string, unknown>;
  readonly observers?: readonly FlagObserver[];
  readonly refreshMs?: number | null;
  readonly slis?: readonly string[];
}

export function fakeObserver(id: string, more: Partial<FlagObserver> = {}) {
  const held = {
    answers: [] as (Omit<FlagObservation, 'key'> & { key?: string })[],
    fails: false,
    /** Keys of each look. */
    looks: [] as (readonly string[])[],
  };
  const observer: FlagObserver = {
    id,
    environments: null,
    paceMs: 100,
    async observe(keys) {
      held.looks.push(keys);
      if (held.fails) throw new ScramError('unreachable', `${id} does not answer`);
      return held.answers.map((answer) => ({ key: KEY, ...answer }));
    },
    dispose() {},
    ...more,
  };
  return { held, observer };
}

/** The pipeline over fakes, and a real ledger in memory. `restart` builds a second service over the same ledger. */
export function makeWorld(options: WorldOptions = {}) {
  const clock = manualClock();
  const store = memoryStore();
  const ledger = createLedger({ store, signer: newSigner(), clock, product: 'scram 0.0.0-test' });
  const { world, provider, read } = fakeProvider();
  const views = new Map<string, SliView>();
  const watched: string[] = [];
  const noted: number[] = [];
  let count = 0;

  const config: Config = configSchema.parse({
    version: 1,
    team: 'test',
    environments: { [ENV]: { tone: 'production' } },
    ...options.config,
  });
  const critical = config.flags.some((facts) => facts.key === KEY && facts.critical);
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  const flags: FlagService = {
    statuses: unused,
    onStatus: unused,
    rows: unused,
    onRows: unused,
    flag: () =>
      ({
        connection: 'local',
        key: KEY,
        polarity: 'enables',
        critical,
        services: ['checkout'],
        variants: [
          { name: 'on', value: true },
          { name: 'off', value: false },
        ],
      }) as unknown as Flag,
    onFlag: unused,
    markers: unused,
    onMarker: unused,
    connection(id) {
      if (id !== 'local') throw new ScramError('not-found', `no connection ${id}`);
      const { observers = [], refreshMs = null } = options;
      return { id, provider, observers, refreshMs, staleAfterMs: 60_000 };
    },
    find: unused,
    readNow: (_ref, _environment, signal) => {
      signal.throwIfAborted();
      return read();
    },
    noteOurChange: unused,
    async readManyNow(_connection, _keys, _environment, signal) {
      signal.throwIfAborted();
      try {
        return new Map([[KEY, await read()]]);
      } catch (error) {
        if (error instanceof ScramError && error.code === 'not-found') return new Map();
        throw error;
      }
    },
    async noteOurChanges(_refs, _environment, atMs) {
      noted.push(atMs);
    },
    held: () => ({ readAtMs: null, flags: new Map() }),
    retry: unused,
    probe: unused,
    settled: unused,
    dispose() {},
  };
  const slis: SliService = {
    statuses: unused,
    onStatus: unused,
    slis: () => [...views.values()].map((view) => view.sli),
    views: () => [...views.values()],
    view: (id) => views.get(id) ?? null,
    watch({ service }) {
      watched.push(service ?? '');
      return { dispose: () => void watched.splice(watched.indexOf(service ?? ''), 1) };
    },
    onBreach: unused,
    retry: unused,
    probe: unused,
    dispose() {},
  };

  /** Gives an SLI the values, one a second, the last at the clock's now. */
  function samples(id: string, values: readonly (number | null)[]): void {
    const objective = { below: 0.6 };
    const series = { startMs: clock.now() - (values.length - 1) * 1_000, stepMs: 1_000, values: [...values] };
    const service = id.slice(0, id.indexOf('/'));
    views.set(id, {
      sli: { id, service, name: id, unit: 's', objective, connection: 'prom', environment: ENV, cohortFlag: null },
      status: assessSli(series, objective, clock.now()),
      baseline: null,
      series: { all: series },
    });
  }
  for (const id of options.slis ?? []) samples(id, []);

  const log: Log = { info() {}, warn() {}, error() {} };
  const ports: ChangePorts = {
    ...ALONE,
    flags,
    slis,
    ledger,
    config,
    environments: [{ name: ENV, tone: 'production', propagationObjectiveMs: 30_000 }],
    clock,
    ids: { next: () => `change-${++count}` },
    log,
    hash: (value) => sha256Hex(canonicalText(value as JsonValue)),
  };
  const changes = createChangeService(ports);
  const kinds = (): EntryKind[] =>
    [...ledger.all()].map((entry) => entry.body.data.kind).filter((kind) => kind.startsWith('change.'));
  const entries = <K extends EntryKind>(kind: K): Extract<EntryData, { kind: K }>[] =>
    [...ledger.all()]
      .map((entry) => entry.body.data)
      .filter((data): data is Extract<EntryData, { kind: K }> => data.kind === kind);

  const previewKill = () =>
    changes.preview({ action: 'kill', connection: 'local', flag: KEY, environment: ENV }, NEVER);
  return {
    clock,
    ledger,
    store,
    world,
    views,
    watched,
    noted,
    changes,
    ports,
    samples,
    kinds,
    entries,
    previewKill,
    async proposeKill(rationale = 'p99 tripled') {
      return changes.propose((await previewKill()).hash, rationale);
    },
    async proposeRollout(percentage: number) {
      const request = { action: 'rollout', connection: 'local', flag: KEY, environment: ENV, percentage } as const;
      return changes.propose((await changes.preview(request, NEVER)).hash, 'p99 tripled');
    },
    async proposeUndo(change: string, rationale = '') {
      return changes.propose((await changes.preview({ action: 'undo', change }, NEVER)).hash, rationale);
    },
    restart: () => createChangeService(ports),
  };
}
