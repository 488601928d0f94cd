import type { FlagConnection } from '../../../electron/services/flags/api.ts';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import { createFlagService } from '../../../electron/services/flags/flag-service.ts';
import type {
  AuditEvent,
  EnvironmentChanges,
  FlagCapabilities,
  FlagProvider,
  ProviderFlag,
} from '../../../electron/services/flags/provider.ts';
import type { Ledger } from '../../../electron/services/ledger/api.ts';
import type { Clock } from '../../../electron/services/ports.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { capabilities, GOOD_PROBE } from '../../support/provider-parts.ts';
import { flagAt, START, StandingClock } from './world.ts';

export const FIVE = ['development', 'canary', 'production', 'staging', 'load'] as const;

/** A flag system in memory with an event log: marks are places in it, as with Unleash's or LaunchDarkly's. */
export class EventProvider {
  readonly environments: readonly string[];
  readonly flags = new Map<string, Map<string, ProviderFlag>>();
  readonly log: { environment: string; key: string }[] = [];
  readonly events: AuditEvent[] = [];
  readonly calls: string[] = [];
  /** Reads of lists that are under way. */
  running = new Set<string>();
  mostRunning = 0;
  error: ScramError | null = null;
  /** What a list waits for before it answers, with the list as it was when it was asked for. */
  gate: ((environment: string) => Promise<void>) | null = null;
  /** Since which place in the log a mark can be told of. */
  forgets = 0;
  auditError: ScramError | null = null;
  can: Partial<FlagCapabilities> = {};
  extra: Partial<FlagProvider> = {};
  readonly clock: Clock;

  constructor(clock: Clock, environments: readonly string[] = FIVE) {
    this.clock = clock;
    this.environments = environments;
    for (const environment of environments) this.flags.set(environment, new Map());
  }

  fill(count: number): void {
    for (const [environment, flags] of this.flags) {
      for (let index = 0; index < count; index += 1) {
        const key = `enable_feature_${String(index).padStart(5, '0')}`;
        const flag = flagAt(key, (index % 4) * 25);
        flags.set(key, { ...flag, environment, description: `Feature ${index}`, owner: `team-${index % 17}` });
      }
    }
  }

  set(environment: string, flag: ProviderFlag | string): void {
    const key = typeof flag === 'string' ? flag : flag.key;
    if (typeof flag === 'string') this.flags.get(environment)?.delete(key);
    else this.flags.get(environment)?.set(key, { ...flag, environment });
    this.log.push({ environment, key });
  }

  get port(): FlagProvider {
    const find = (key: string, environment: string): ProviderFlag | undefined => this.flags.get(environment)?.get(key);
    return {
      kind: 'events',
      capabilities: capabilities(this.can),
      environments: this.environments,
      readEnvironment: async (environment) => {
        this.calls.push(`read ${environment}`);
        this.running.add(environment);
        this.mostRunning = Math.max(this.mostRunning, this.running.size);
        const flags = [...(this.flags.get(environment)?.values() ?? [])];
        const mark = String(this.log.length);
        try {
          if (this.error) throw this.error;
          await this.gate?.(environment);
        } finally {
          this.running.delete(environment);
        }
        return { environment, readAtMs: this.clock.now(), sourceChangedAtMs: null, mark, flags };
      },
      readChanges: async (environment, mark): Promise<EnvironmentChanges | null> => {
        this.calls.push(`changes ${environment}`);
        if (this.error) throw this.error;
        if (Number(mark) < this.forgets) return null;
        const keys = new Set(
          this.log.slice(Number(mark)).flatMap((e) => (e.environment === environment ? [e.key] : [])),
        );
        const upserts = [...keys].flatMap((key) => find(key, environment) ?? []);
        const removals = [...keys].filter((key) => !find(key, environment));
        const next = String(this.log.length);
        return { readAtMs: this.clock.now(), sourceChangedAtMs: null, mark: next, upserts, removals };
      },
      readFlag: async (key, environment) => {
        this.calls.push(`flag ${environment} ${key}`);
        if (this.error) throw this.error;
        const found = find(key, environment);
        if (found) return found;
        throw new ScramError('not-found', `no flag ${key}`);
      },
      audit: async (sinceMs) => {
        this.calls.push(`audit ${sinceMs}`);
        if (this.auditError) throw this.auditError;
        return this.events.filter(({ atMs }) => atMs >= sinceMs);
      },
      planKill: () => {
        throw new ScramError('refused', 'not here');
      },
      planRestore: () => {
        throw new ScramError('refused', 'not here');
      },
      apply: async () => {},
      watch: () => ({ dispose() {} }),
      probe: async () => GOOD_PROBE,
      dispose() {},
      ...this.extra,
    };
  }
}

export interface ManyOptions {
  readonly connections?: number;
  readonly flags?: number;
  readonly environments?: readonly string[];
  readonly memory?: Map<string, string>;
  readonly prepare?: (provider: EventProvider, index: number) => void;
  readonly staleAfterMs?: number;
  readonly observers?: readonly FlagObserver[];
  readonly ledger?: Ledger;
  readonly clock?: StandingClock;
  /** More of the configuration. */
  readonly config?: Record<string, unknown>;
}

/** A console over several flag systems in memory. */
export function many(options: ManyOptions = {}) {
  const { clock = new StandingClock() } = options;
  const { connections: count = 1, flags = 3, environments = FIVE, memory = new Map<string, string>() } = options;
  const puts: { key: string; bytes: number }[] = [];
  const ledger = options.ledger ?? memoryLedger(1).ledger;
  const providers = Array.from({ length: count }, (_, index) => {
    const provider = new EventProvider(clock, environments);
    provider.fill(flags);
    options.prepare?.(provider, index);
    return provider;
  });
  const connections = providers.map(
    (provider, index): FlagConnection => ({
      id: `c${index}`,
      provider: provider.port,
      observers: options.observers ?? [],
      refreshMs: null,
      staleAfterMs: options.staleAfterMs ?? 30_000,
    }),
  );
  const config = configSchema.parse({
    version: 1,
    team: 'shop',
    environments: Object.fromEntries(
      environments.map((name) => [name, name === 'production' ? { tone: 'production' } : {}]),
    ),
    ...options.config,
  });
  const start = () =>
    createFlagService({
      connections,
      config,
      ledger,
      cache: {
        get: (key) => (memory.has(key) ? { text: memory.get(key) ?? '', atMs: START } : null),
        put: (key, text) => {
          puts.push({ key, bytes: text.length });
          memory.set(key, text);
        },
      },
      clock,
      log: { info() {}, warn() {}, error() {} },
    });
  return { clock, providers, connections, config, start, puts, memory, ledger };
}

/** Lets everything that waits on nothing but promises go on. */
export async function breathe(rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
