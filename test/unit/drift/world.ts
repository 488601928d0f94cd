import { createDriftService } from '../../../electron/services/drift/drift-service.ts';
import type { FlagObservation, FlagObserver } from '../../../electron/services/flags/observer.ts';
import type { Ledger } from '../../../electron/services/ledger/api.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { memoryStore, newSigner } from '../../support/ledger.ts';
import { type ManyOptions, many } from '../flags/many.ts';
import { flagAt, StandingClock } from '../flags/world.ts';

export const PRODUCTION = 'production';

/** Instances of a region, each with the variants that it uses of each flag. */
export class Region {
  readonly id: string;
  readonly region: string;
  /** By flag: the variant that all instances use, else by instance. */
  readonly uses = new Map<string, string | null | Record<string, string | null>>();
  instances = ['1', '2'];
  readonly asked: (readonly string[])[] = [];
  error: ScramError | null = null;
  hangs = false;
  /** Age of what it tells, milliseconds. */
  lagMs = 0;
  clock: StandingClock | null = null;
  bulk = true;
  environments: readonly string[] | null = null;

  constructor(region: string, id = `metric:${region}`) {
    this.region = region;
    this.id = id;
  }

  get observer(): FlagObserver {
    const region = this;
    return {
      id: this.id,
      environments: this.environments,
      paceMs: 1_000,
      get bulk() {
        return region.bulk;
      },
      observe: async (keys): Promise<FlagObservation[]> => {
        this.asked.push(keys);
        if (this.hangs) await new Promise(() => {});
        if (this.error) throw this.error;
        const atMs = (this.clock?.nowMs ?? 0) - this.lagMs;
        return keys.flatMap((key) => {
          const used = this.uses.get(key);
          if (used === undefined) return [];
          return this.instances.map((instance) => {
            const variant = used === null || typeof used === 'string' ? used : (used[instance] ?? null);
            return { key, instance, region: this.region, variant, atMs };
          });
        });
      },
      dispose() {},
    };
  }
}

/** A state that is the same for everybody. */
export function everybody(key: string, variant: 'on' | 'off', over: Partial<FlagState> = {}) {
  const on = variant === 'on';
  return flagAt(key, on ? 100 : 0, { serves: variant, targeting: null, killed: !on, ...over });
}

export interface DriftWorldOptions extends Omit<ManyOptions, 'observers' | 'prepare'> {
  readonly regions?: readonly Region[];
  readonly refreshMs?: number | null;
  readonly keys?: readonly string[];
}

/** A ledger whose entries are dated by the world's own clock. */
export function ledgerOn(clock: StandingClock): Ledger {
  return createLedger({ store: memoryStore(), signer: newSigner(), clock, product: 'scram 0.0.0-test' });
}

/** A drift service over flags in memory, all on for everyone at the start. */
export async function driftWorld(options: DriftWorldOptions = {}) {
  const { regions = [], keys = ['a', 'b'], clock = new StandingClock() } = options;
  const ledger = options.ledger ?? ledgerOn(clock);
  const world = many({
    environments: [PRODUCTION],
    flags: 0,
    ...options,
    clock,
    ledger,
    observers: regions.map(({ observer }) => observer),
    prepare: (provider) => {
      for (const [environment, flags] of provider.flags) {
        for (const key of keys) flags.set(key, { ...everybody(key, 'on'), environment });
      }
    },
  });
  for (const region of regions) region.clock = world.clock;
  const connections = world.connections.map((connection) => ({ ...connection, refreshMs: options.refreshMs ?? null }));
  const flags = world.start();
  const open = () =>
    createDriftService({
      connections,
      flags,
      ledger,
      config: world.config,
      environments: [{ name: PRODUCTION, tone: 'production', propagationObjectiveMs: 30_000 }],
      clock: world.clock,
      log: { info() {}, warn() {}, error() {} },
    });
  const drift = open();
  const [provider] = world.providers as [(typeof world.providers)[0]];
  const entries = () =>
    [...ledger.all()].flatMap(({ body }) =>
      body.data.kind === 'drift.began' || body.data.kind === 'drift.ended' ? [body.data] : [],
    );
  await world.clock.advance(0);
  await flags.settled();
  return { ...world, provider, flags, drift, entries, open, list: () => drift.drifts(PRODUCTION) };
}

/** Puts an accepted change of this console in the ledger, and gives its name. */
export function acceptChange(
  ledger: Ledger,
  flag: string,
  before: FlagState,
  after: FlagState,
  action: Change['payload']['action'] = 'kill',
): string {
  const hash = `${action} ${flag} ${[...ledger.all()].length}`;
  const payload: Change['payload'] = {
    version: 1,
    id: hash,
    action,
    connection: 'c0',
    providerKind: 'events',
    flag,
    polarity: 'enables',
    environment: PRODUCTION,
    providerEnvironment: 'prod',
    tone: 'production',
    before: { ...before, definition: {} },
    after: { ...after, definition: {} },
    write: {},
    offMeaning: 'off-value',
    affectedServices: [],
    affectedSlis: [],
    undoes: null,
    demand: { people: 1, typed: false, rationale: false },
    device: ledger.device,
    previewedAtMs: 0,
    expiresAtMs: 0,
  };
  ledger.append({ kind: 'change.proposed', change: { hash, payload, rationale: 'p99 tripled', proposedAtMs: 0 } });
  ledger.append({ kind: 'change.intent', hash });
  ledger.append({ kind: 'change.result', hash, outcome: 'accepted', reconciled: false, detail: null });
  return hash;
}
