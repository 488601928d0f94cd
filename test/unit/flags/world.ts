import type { FlagConnection } from '../../../electron/services/flags/api.ts';
import { createFlagService } from '../../../electron/services/flags/flag-service.ts';
import type { EnvironmentRead, FlagProvider, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import type { Clock, Disposable } from '../../../electron/services/ports.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { capabilities, GOOD_PROBE, PLAIN_FLAG } from '../../support/provider-parts.ts';

export const START = 1_700_000_000_000;
export const never = new AbortController().signal;

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  nowMs = START;
  readonly #timers = new Set<{ atMs: number; run: () => void | Promise<void> }>();
  now = (): number => this.nowMs;
  after = (delayMs: number, run: () => void | Promise<void>): Disposable => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  };
  every = (periodMs: number, run: () => void | Promise<void>): Disposable => {
    let pending = this.after(periodMs, round.bind(this));
    async function round(this: StandingClock): Promise<void> {
      await run();
      pending = this.after(periodMs, round.bind(this));
    }
    return { dispose: () => pending.dispose() };
  };
  /** Lets everything that waits on nothing but promises go on. */
  async #settle(): Promise<void> {
    for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      // What waits for the clock itself cannot be waited for.
      await Promise.race([next.run(), this.#settle()]);
      await this.#settle();
    }
    await this.#settle();
    this.nowMs = end;
  }
}

export function flagAt(key: string, percentage: number, over: Partial<FlagState> = {}): ProviderFlag {
  return {
    key,
    environment: 'production',
    providerEnvironment: '/flags.json',
    state: {
      exposure: percentage === 0 ? 'nobody' : percentage === 100 ? 'everyone' : 'some',
      percentage,
      serves: 'off',
      targeting: percentage === 0 ? null : `on ${percentage} %`,
      killed: percentage === 0,
      offMeaning: 'off-value',
      revision: `${key}-${percentage}`,
      ...over,
    },
    variants: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    safeDefault: 'off',
    ...PLAIN_FLAG,
    owner: 'provider-team',
    definition: { text: '{}' },
  };
}

/** A provider whose source the test sets. */
export class FakeProvider {
  flags: ProviderFlag[] = [];
  error: ScramError | null = null;
  sourceChangedAtMs: number | null = null;
  mark: string | null = null;
  reads = 0;
  tell: () => void = () => {};
  readonly clock: Clock;
  constructor(clock: Clock) {
    this.clock = clock;
  }

  get port(): FlagProvider {
    return {
      kind: 'fake',
      capabilities: capabilities({ watch: true }),
      environments: ['production'],
      readEnvironment: async (environment): Promise<EnvironmentRead> => {
        this.reads += 1;
        if (this.error) throw this.error;
        const { sourceChangedAtMs, mark, flags } = this;
        return { environment, readAtMs: this.clock.now(), sourceChangedAtMs, mark, flags };
      },
      readChanges: async (_, mark) =>
        mark === this.mark
          ? { readAtMs: this.clock.now(), sourceChangedAtMs: null, mark, upserts: [], removals: [] }
          : null,
      readFlag: async (key) => {
        const found = this.flags.find((flag) => flag.key === key);
        if (found) return found;
        throw new ScramError('not-found', `no flag ${key}`);
      },
      planKill: () => {
        throw new ScramError('refused', 'not here');
      },
      planRestore: () => {
        throw new ScramError('refused', 'not here');
      },
      apply: async () => {},
      watch: (onChange) => {
        this.tell = () => onChange('production');
        return { dispose: () => {} };
      },
      probe: async () => GOOD_PROBE,
      dispose: () => {},
    };
  }
}

export const CONFIG = {
  version: 1,
  team: 'shop',
  environments: { production: { tone: 'production' } },
  connections: [{ id: 'local', kind: 'flagd', files: { production: 'x.json' } }],
  services: [
    {
      id: 'checkout',
      flags: [{ connection: 'local', key: 'enable_new' }],
      dependencies: [{ id: 'recs', killSwitch: 'ops_disable_recs' }],
    },
  ],
  flags: [
    {
      key: 'enable_new',
      type: 'experiment',
      owner: 'payments',
      expires: '2020-01-01',
      fallback: 'old pricing',
      critical: true,
      tags: ['eu'],
    },
  ],
};

export function makeWorld(memory = new Map<string, string>(), ledgerWorld = memoryLedger(1), config: object = CONFIG) {
  const clock = new StandingClock();
  const provider = new FakeProvider(clock);
  const connection: FlagConnection = {
    id: 'local',
    provider: provider.port,
    observers: [],
    refreshMs: null,
    staleAfterMs: 30_000,
  };
  const start = () =>
    createFlagService({
      connections: [connection],
      config: configSchema.parse(config),
      ledger: ledgerWorld.ledger,
      cache: {
        get: (key) => (memory.has(key) ? { text: memory.get(key) ?? '', atMs: START } : null),
        put: (key, text) => void memory.set(key, text),
      },
      clock,
      log: { info() {}, warn() {}, error() {} },
    });
  return { clock, provider, start, memory, ledgerWorld };
}
