import { ALONE } from '../../support/people.ts';
import { createBatchService } from '../../../electron/services/batches/batch-service.ts';
import { createChangeService } from '../../../electron/services/changes/change-service.ts';
import type { ChangePorts } from '../../../electron/services/changes/ports.ts';
import type { FlagConnection } from '../../../electron/services/flags/api.ts';
import { createFlagService } from '../../../electron/services/flags/flag-service.ts';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import type { FlagProvider, ProviderFlag, WriteRequest } from '../../../electron/services/flags/provider.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Clock, Log } from '../../../electron/services/ports.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { EntryData, EntryKind } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { memoryStore, newSigner } from '../../support/ledger.ts';
import { capabilities, GOOD_PROBE, PLAIN_FLAG } from '../../support/provider-parts.ts';
import { ENV, manualClock, type ManualClock } from '../changes/world.ts';

export { ENV };

/** What becomes of one write. `lost`: written, and the answer lost. `unsent`: not written, and no answer. */
export type Fate = 'done' | 'lost' | 'unsent' | ScramError;

function stateOf(percentage: number): FlagState {
  return {
    exposure: percentage === 0 ? 'nobody' : percentage === 100 ? 'everyone' : 'some',
    percentage,
    serves: percentage === 100 ? 'on' : 'off',
    targeting: percentage === 0 || percentage === 100 ? null : `${percentage} %`,
    killed: percentage === 0,
    offMeaning: 'off-value',
    revision: `r${percentage}`,
  };
}

/** A flag system in memory: each flag is the share of users who have it. */
export class FakeSystem {
  readonly id: string;
  readonly shares = new Map<string, number>();
  /** Keys whose safe value is not known. */
  readonly unsafe = new Set<string>();
  /** Every write that was made, in order. */
  readonly written: string[] = [];
  /** Keys of each write request, in order: one of them for a bulk write. */
  readonly requests: string[][] = [];
  readonly reads: string[][] = [];
  /** Decides what becomes of a write; `attempt` counts from 1. */
  fate: (key: string, attempt: number) => Fate = () => 'done';
  /** Called before each request: throw to fail it whole. */
  beforeRead: (keys: readonly string[]) => void = () => {};
  beforeWrite: (keys: readonly string[]) => void | Promise<void> = () => {};
  readonly #attempts = new Map<string, number>();

  constructor(id: string, shares: Record<string, number>) {
    this.id = id;
    for (const [key, share] of Object.entries(shares)) this.shares.set(key, share);
  }

  read(key: string): ProviderFlag | null {
    const share = this.shares.get(key);
    if (share === undefined) return null;
    return {
      key,
      environment: ENV,
      providerEnvironment: `${this.id}-production`,
      state: stateOf(share),
      variants: [
        { name: 'on', value: true },
        { name: 'off', value: false },
      ],
      safeDefault: this.unsafe.has(key) ? null : 'off',
      ...PLAIN_FLAG,
      definition: { on: share },
    };
  }

  write(request: WriteRequest): Error | null {
    const { key } = request;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const fate = this.fate(key, attempt);
    if (fate instanceof ScramError) return fate;
    const flag = this.read(key);
    if (flag?.state.revision !== request.expectRevision) return new ScramError('conflict', `${key} moved`);
    if (fate !== 'unsent') {
      this.shares.set(key, (request.write as { to: number }).to);
      this.written.push(key);
    }
    return fate === 'done' ? null : new ScramError('timeout', `no answer about ${key}`);
  }

  provider(bulk: number | null): FlagProvider {
    const plain: FlagProvider = {
      kind: 'fake',
      capabilities: capabilities({ kill: true, restoreExact: true, bulk }),
      environments: [ENV],
      readEnvironment: async () => ({
        environment: ENV,
        readAtMs: 0,
        sourceChangedAtMs: null,
        mark: null,
        flags: [...this.shares.keys()].flatMap((key) => this.read(key) ?? []),
      }),
      readFlag: async (key) => {
        this.reads.push([key]);
        this.beforeRead([key]);
        const flag = this.read(key);
        if (flag) return flag;
        throw new ScramError('not-found', `${key} is gone`);
      },
      readFlags: async (keys) => {
        this.reads.push([...keys]);
        this.beforeRead(keys);
        return new Map(keys.flatMap((key) => this.read(key) ?? []).map((flag) => [flag.key, flag]));
      },
      planKill(flag) {
        if (flag.safeDefault === null) throw new ScramError('refused', `no safe value of ${flag.key} is known`);
        return { write: { to: 0 }, after: stateOf(0), definitionAfter: { on: 0 } };
      },
      planRestore: (_flag, { definition, state }) => ({
        write: { to: (definition as { on: number }).on },
        after: state,
        definitionAfter: definition,
      }),
      apply: async (request) => {
        this.requests.push([request.key]);
        await this.beforeWrite([request.key]);
        const failure = this.write(request);
        if (failure) throw failure;
      },
      watch: () => ({ dispose() {} }),
      probe: async () => GOOD_PROBE,
      dispose() {},
    };
    if (bulk === null) return plain;
    return {
      ...plain,
      applyAll: async (requests) => {
        const keys = requests.map(({ key }) => key);
        this.requests.push(keys);
        await this.beforeWrite(keys);
        return requests.map((request) => this.write(request));
      },
    };
  }
}

export interface BatchWorldOptions {
  readonly systems: readonly FakeSystem[];
  readonly bulk?: number | null;
  readonly observers?: readonly FlagObserver[];
  readonly config?: Record<string, unknown>;
  readonly clock?: Clock;
  readonly slis?: Partial<SliService>;
}

const unused = (): never => {
  throw new Error('not part of this test');
};

const noSlis: SliService = {
  statuses: () => [],
  onStatus: () => ({ dispose() {} }),
  slis: () => [],
  views: () => [],
  view: () => null,
  watch: () => ({ dispose() {} }),
  onBreach: () => ({ dispose() {} }),
  retry: unused,
  probe: unused,
  dispose() {},
};

/** Batches over the real change pipeline, flag service and ledger; only the flag systems and the clock are made up. */
export async function makeBatchWorld(options: BatchWorldOptions) {
  const manual: ManualClock = manualClock();
  const clock = options.clock ?? manual;
  const store = memoryStore();
  const ledger = createLedger({ store, signer: newSigner(), clock, product: 'scram 0.0.0-test' });
  const log: Log = { info() {}, warn() {}, error() {} };
  const config = configSchema.parse({
    version: 1,
    team: 'test',
    environments: { [ENV]: { tone: 'production' } },
    connections: options.systems.map(({ id }) => ({ id, kind: 'flagd', files: { [ENV]: './flags.json' } })),
    ...options.config,
  });
  const { observers = [], bulk = null } = options;
  const connections = options.systems.map(
    (system): FlagConnection => ({
      id: system.id,
      provider: system.provider(bulk),
      observers,
      refreshMs: null,
      staleAfterMs: 60_000,
    }),
  );
  const flags = createFlagService({
    connections,
    config,
    ledger,
    cache: { get: () => null, put() {} },
    clock,
    log,
  });
  if (options.clock === undefined) await manual.advance(0);
  await flags.settled();
  let count = 0;
  const ports: ChangePorts = {
    ...ALONE,
    flags,
    slis: { ...noSlis, ...options.slis },
    ledger,
    config,
    environments: [{ name: ENV, tone: 'production', propagationObjectiveMs: 30_000 }],
    clock,
    ids: { next: () => `id-${++count}` },
    log,
    hash: (value) => sha256Hex(canonicalText(value as JsonValue)),
  };
  const open = () => {
    const changes = createChangeService(ports);
    const batches = createBatchService({ ...ports, changes });
    return {
      changes,
      batches,
      close() {
        batches.dispose();
        changes.dispose();
      },
    };
  };
  const services = open();
  const entries = <K extends EntryKind>(kind: K): Extract<EntryData, { kind: K }>[] =>
    [...ledger.all()]
      .map((entry) => entry.body.data)
      .filter((data): data is Extract<EntryData, { kind: K }> => data.kind === kind);
  return { ...services, clock: manual, ports, flags, ledger, store, entries, reopen: open };
}

/** `count` flags `flag-000` … that a fifth of the users has. */
export function manyFlags(count: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`flag-${String(index).padStart(3, '0')}`, 20]),
  );
}
