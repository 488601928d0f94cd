import { createApprovalService } from '../../../electron/services/approvals/approval-service.ts';
import { armour, unarmour } from '../../../electron/services/armour/armour.ts';
import { checkCodeOf } from '../../../electron/services/armour/check-code.ts';
import { createChangeService } from '../../../electron/services/changes/change-service.ts';
import { demandNow } from '../../../electron/services/changes/checks.ts';
import type { FlagService } from '../../../electron/services/flags/api.ts';
import type { FlagProvider, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { createIncidentService } from '../../../electron/services/incidents/incident-service.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { LedgerStore } from '../../../electron/services/ledger/store.ts';
import { deviceIdOf } from '../../../electron/services/signing/device-id.ts';
import type { Roster } from '../../../electron/services/operators/api.ts';
import { rosterOf } from '../../../electron/services/operators/roster.ts';
import { signedBy } from '../../../electron/services/signing/public-key.ts';
import type { Clock, Log } from '../../../electron/services/ports.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import { type Config, configSchema } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Flag, FlagState } from '../../../shared/model/flag.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { memoryStore } from '../../support/ledger.ts';
import { type TestPerson, type testDevice, testPerson } from '../../support/people.ts';
import { capabilities, GOOD_PROBE, PLAIN_FLAG } from '../../support/provider-parts.ts';
import { manualClock } from '../changes/world.ts';

export const NEVER = new AbortController().signal;
export const ENVIRONMENTS = ['production', 'staging'] as const;
const LOG: Log = { info() {}, warn() {}, error() {} };
export const hashOf = (value: unknown): string => sha256Hex(canonicalText(value as JsonValue));

/** A flag system of several flags; each is `{ on: share }`, and each write counts. */
export function flagSystem() {
  const shares = new Map<string, number>();
  const applied: string[] = [];
  const hooks = { before: async (): Promise<void> => {}, after: async (): Promise<void> => {} };
  const at = (environment: string, key: string): string => `${environment}/${key}`;
  const shareOf = (environment: string, key: string): number => shares.get(at(environment, key)) ?? 20;
  const stateOf = (share: number): FlagState => ({
    exposure: share === 0 ? 'nobody' : share === 100 ? 'everyone' : 'some',
    percentage: share,
    serves: share === 100 ? 'on' : 'off',
    targeting: null,
    killed: share === 0,
    offMeaning: 'off-value',
    revision: `r${share}`,
  });
  const readFlag = async (key: string, environment: string): Promise<ProviderFlag> => ({
    key,
    environment,
    providerEnvironment: environment,
    state: stateOf(shareOf(environment, key)),
    variants: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    safeDefault: 'off',
    ...PLAIN_FLAG,
    definition: { on: shareOf(environment, key) },
  });
  const plan = (share: number) => ({ write: { to: share }, after: stateOf(share), definitionAfter: { on: share } });
  const provider: FlagProvider = {
    kind: 'fake',
    capabilities: capabilities({ kill: true, restoreExact: true, rollout: true }),
    environments: [...ENVIRONMENTS],
    readEnvironment: async (environment) => ({
      environment,
      readAtMs: 0,
      sourceChangedAtMs: null,
      mark: null,
      flags: [],
    }),
    readFlag: (key, environment) => readFlag(key, environment),
    planKill: () => plan(0),
    planRestore: (_flag, { definition }) => plan((definition as { on: number }).on),
    planRollout: (_flag, share) => plan(share),
    async apply({ key, environment, expectRevision, write }) {
      await hooks.before();
      if (stateOf(shareOf(environment, key)).revision !== expectRevision) throw new ScramError('conflict', 'it moved');
      shares.set(at(environment, key), (write as { to: number }).to);
      applied.push(at(environment, key));
      await hooks.after();
    },
    watch: () => ({ dispose() {} }),
    probe: async () => GOOD_PROBE,
    dispose() {},
  };
  const move = (environment: string, key: string, share: number): void => void shares.set(at(environment, key), share);
  return { provider, readFlag, applied, hooks, shareOf, move };
}

const noSlis = { slis: () => [], views: () => [], view: () => null } as unknown as SliService;

function flagsOf({ provider, readFlag }: ReturnType<typeof flagSystem>): FlagService {
  const flag = (key: string) =>
    ({
      connection: 'local',
      key,
      type: 'release',
      polarity: 'enables',
      critical: false,
      services: ['checkout'],
    }) as Flag;
  return {
    flag: ({ key }: { key: string }) => flag(key),
    connection: (id: string) => ({ id, provider, observers: [], refreshMs: null, staleAfterMs: 60_000 }),
    readNow: (ref: { key: string }, environment: string) => readFlag(ref.key, environment),
    readManyNow: async (_connection: string, keys: readonly string[], environment: string) =>
      new Map(await Promise.all(keys.map(async (key) => [key, await readFlag(key, environment)] as const))),
    noteOurChanges: async () => undefined,
    held: () => ({ readAtMs: null, flags: new Map() }),
  } as unknown as FlagService;
}

export const POLICY = {
  production: {
    kill: { people: 2 },
    restore: { people: 2 },
    breakGlass: { allowed: true, for: '15m', reviewWithin: '24h' },
  },
  staging: { kill: { people: 2 } },
};

export type Signer = ReturnType<typeof testDevice>;

/** One console of a team: its own ledger and services, the same flags, clock and roster as the others. */
export class Desk {
  readonly device: string;
  readonly #office: Office;
  readonly #signer: Signer;
  readonly #store = memoryStore();
  /** Dies with the process, as its timers do. */
  #alive = { process: true };
  ledger!: ReturnType<typeof createLedger>;
  approvals!: ReturnType<typeof createApprovalService>;
  incidents!: ReturnType<typeof createIncidentService>;
  changes!: ReturnType<typeof createChangeService>;
  flags!: FlagService;
  #count = 0;

  constructor(office: Office, signer: Signer) {
    this.#office = office;
    this.#signer = signer;
    this.device = deviceIdOf(signer.publicKey);
    this.start();
  }

  get store() {
    return this.#store;
  }

  /** Ends without a word, in the middle of whatever it was at, and begins anew over what is on its disk. */
  crash(): void {
    this.#alive.process = false;
    this.#alive = { process: true };
    this.start();
  }

  /** The console begins anew over what is on its disk. */
  restart(): void {
    this.stop();
    this.start();
  }

  stop(): void {
    this.changes.dispose();
    this.approvals.dispose();
    this.incidents.dispose();
  }

  private start(): void {
    const { config, system } = this.#office;
    const clock = mortal(this.#office.clock, this.#alive);
    const roster = () => this.#office.roster;
    const ids = { next: () => `${this.device.slice(0, 6)}-${++this.#count}-${this.#store.rowsNow.length}` };
    this.ledger = createLedger({
      store: mortalDisk(this.#store, this.#alive),
      signer: this.#signer,
      clock,
      product: 'scram 0.0.0-test',
    });
    const { ledger } = this;
    const flags = flagsOf(system);
    this.flags = flags;
    this.approvals = createApprovalService({
      ledger,
      roster,
      policy: config.policy,
      clock,
      ids,
      log: LOG,
      hash: hashOf,
      demandNow: (change) => demandNow({ flags, config }, change),
      armourer: { armour, unarmour, checkCodeOf, qrOf: () => null },
    });
    this.incidents = createIncidentService({
      ledger,
      clock,
      ids,
      environments: [...ENVIRONMENTS],
      roster,
      batchesOf: (change) => this.changes.batches.ofChange(change),
    });
    this.changes = createChangeService({
      flags,
      slis: noSlis,
      ledger,
      config,
      environments: [
        { name: 'production', tone: 'production', propagationObjectiveMs: 30_000 },
        { name: 'staging', tone: 'neutral', propagationObjectiveMs: 30_000 },
      ],
      clock,
      ids,
      log: LOG,
      hash: hashOf,
      fourEyes: this.approvals,
      incidents: this.incidents,
    });
  }

  /** Everything of another console's own chain that is not here yet. Returns how many entries were new. */
  takeFrom(other: Desk, limit = 10_000): number {
    const have = this.ledger.heads().get(other.device)?.sequence ?? 0;
    return this.ledger.receive(other.ledger.rowsAfter(other.device, have, limit), this.#office.trust).taken;
  }

  async propose(flag: string, by: TestPerson, environment = 'production'): Promise<string> {
    const preview = await this.changes.preview({ action: 'kill', connection: 'local', flag, environment }, NEVER);
    return this.changes.propose(preview.hash, 'p99 tripled', by).hash;
  }

  request(change: string, by: TestPerson): string {
    return this.approvals.request({ kind: 'change', hash: change }, by).request.hash;
  }
}

/** The disk, as a process sees it that may end at any moment: what it had in hand then is never written. */
function mortalDisk(store: ReturnType<typeof memoryStore>, alive: { readonly process: boolean }): LedgerStore {
  return {
    ...store,
    together<T>(run: () => T): T {
      if (!alive.process) throw new Error('the process has ended');
      return store.together(run);
    },
    append(row) {
      if (!alive.process) throw new Error('the process has ended');
      store.append(row);
    },
    appendAll(rows) {
      if (!alive.process) throw new Error('the process has ended');
      store.appendAll(rows);
    },
  };
}

/** The team's clock, as a process sees it that may end at any moment. */
function mortal(clock: Clock, alive: { readonly process: boolean }): Clock {
  return {
    now: () => clock.now(),
    after: (delayMs, run) => clock.after(delayMs, () => (alive.process ? run() : undefined)),
    every: (periodMs, run) => clock.every(periodMs, () => (alive.process ? run() : undefined)),
  };
}

function configWith(policy: object): Config {
  return configSchema.parse({
    version: 1,
    team: 'test',
    environments: { production: { tone: 'production' }, staging: {} },
    policy,
  });
}

/** A team: its roster, its consoles and one flag system. */
export class Office {
  readonly clock = manualClock();
  readonly system = flagSystem();
  config: Config;
  readonly desks: readonly Desk[];
  roster: Roster;

  constructor(signers: readonly Signer[], roster: Roster, policy: object = POLICY) {
    this.roster = roster;
    this.config = configWith(policy);
    this.desks = signers.map((signer) => new Desk(this, signer));
  }

  readonly trust = {
    knowsDevice: (): boolean => true,
    mayRedact: (): boolean => true,
    signedBy: (person: { operator: string; key: string }, text: string, signature: string): boolean => {
      const key = this.roster.everKey(person);
      return key !== null && signedBy(key, text, signature);
    },
  };

  /** As a saved scram.yaml: a desk takes it up when it begins anew. */
  setPolicy(policy: object): void {
    this.config = configWith(policy);
  }

  /** As an admin's next roster, of this moment: the person is in it no more. */
  revoke(operator: string): void {
    const before = this.roster.operators;
    const operators = before.filter(({ id }) => id !== operator);
    const versions = [
      { atMs: 0, operators: before },
      { atMs: this.clock.now(), operators },
    ];
    this.roster = rosterOf(true, { version: 2, operators }, [before], versions);
  }

  stop(): void {
    for (const desk of this.desks) desk.stop();
  }
}

/** Keys of a person on each console. */
export function keysOn(operator: string, signers: readonly Signer[]): TestPerson[] {
  return signers.map((signer) => testPerson(operator, signer));
}
