import type { CommandContext } from '../../../electron/hosts/terminal/command.ts';
import type { Command } from '../../../electron/hosts/terminal/command.ts';
import type { ConsoleClient } from '../../../electron/hosts/terminal/client.ts';
import { readArguments } from '../../../electron/hosts/terminal/arguments.ts';
import { takeSecrets } from '../../../electron/hosts/terminal/secrets.ts';
import { exitCodeOf } from '../../../electron/hosts/shared/exit-codes.ts';
import { type CallName, contract, type SnapshotOf, type StreamName } from '../../../shared/contract/index.ts';
import type { ApprovalItem, ApprovalsState, BreakGlassItem } from '../../../shared/model/approval.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { PeopleState } from '../../../shared/model/operator.ts';
import { checkCodeOf } from '../../../electron/services/armour/check-code.ts';
import { aProgress } from '../../support/fake-backend.ts';

export const DEVICE = 'd'.repeat(32);
export const REQUEST = `23cf348afd${'0'.repeat(54)}`;
export const CODE = checkCodeOf(REQUEST);
const KEY = `scram1:${'A'.repeat(128)}`;

export function people(over: Partial<PeopleState> = {}): PeopleState {
  return {
    enforced: true,
    roster: { version: 1, pinned: null, signedBy: null, signedAtMs: null, operators: [], unsigned: [], problem: null },
    me: null,
    rights: ['view'],
    unlockable: [unlockable('alex')],
    keychain: false,
    retryAtMs: null,
    practicePassphrase: null,
    ...over,
  };
}

export function unlockable(operator: string): PeopleState['unlockable'][number] {
  return { operator, name: operator === 'alex' ? 'Alex Roe' : 'Sam Poe', by: ['passphrase'], inRoster: true };
}

export const NO_OPERATORS = people({
  enforced: false,
  unlockable: [],
  rights: ['view', 'act', 'approve', 'administer'],
});

export function change(over: Partial<ReturnType<typeof aProgress>['change']['payload']> = {}) {
  const { change: base } = aProgress();
  const payload = {
    ...base.payload,
    before: { ...base.payload.before, definition: { enabled: true, rollout: 20 } },
    after: { ...base.payload.after, serves: 'off', percentage: 0, definition: { enabled: false, rollout: 20 } },
    affectedServices: ['checkout', 'search'],
    demand: { people: 2, typed: false, rationale: true },
    ...over,
  };
  return { ...base, payload, rationale: 'INC-2041: p99' };
}

export function item(state: ApprovalItem['state'] = 'waiting', over: Partial<ApprovalItem> = {}): ApprovalItem {
  const made = change();
  const body = {
    version: 1 as const,
    id: '01KAJ5R2M0X9Y8Z7W6V5T4S3R2',
    subject: { kind: 'change' as const, hash: made.hash },
    environment: 'production',
    device: DEVICE,
    requester: { operator: 'alex', key: 'k1' },
    atMs: 1_000,
    expiresAtMs: 1_800_000,
  };
  return {
    request: { body, hash: REQUEST, signature: 's' },
    state,
    why: null,
    decision: null,
    changes: [made],
    batch: null,
    requesterName: 'Alex Roe',
    deciderName: null,
    origin: 'here',
    checkCode: CODE,
    executableHere: true,
    ...over,
  };
}

export function approvals(items: ApprovalItem[], glass: BreakGlassItem[] = []): ApprovalsState {
  return { items, forMe: 0, glass, glassAllowed: [] };
}

export function glass(over: Partial<BreakGlassItem> = {}): BreakGlassItem {
  return {
    glass: {
      id: '01KAJ5R2M0X9Y8Z7W6V5T4GLAS',
      environment: 'production',
      reason: 'nobody else awake',
      device: DEVICE,
      operator: 'alex',
      openedAtMs: 0,
      untilMs: 900_000,
      reviewByMs: 9_000_000,
    },
    operatorName: 'Alex Roe',
    state: 'open',
    endedAtMs: null,
    changes: [],
    review: null,
    ...over,
  };
}

export const armoured = (kind: 'request' | 'decision' | 'open-request' | 'open-share' = 'request') => ({
  kind,
  text: '-----BEGIN SCRAM-----',
  checkCode: CODE,
  qr: [[true]],
});

const consoleState: SnapshotOf<'console.watch'> = {
  product: { name: 'Scram', version: '0.0.0' },
  host: 'web',
  device: DEVICE,
  nowMs: 0,
  config: { mode: 'configured', path: '/c/scram.yaml', team: 'payments', loadedAtMs: 0, problems: [] },
  environments: [{ name: 'production', tone: 'production', propagationObjectiveMs: 30_000 }],
  connections: [],
  killSets: [],
  ledger: { device: DEVICE, entries: 1, hash: '0'.repeat(64), verified: 'verified', problem: null },
};

export type Streams = { [K in StreamName]?: SnapshotOf<K> | readonly SnapshotOf<K>[] };
export type Calls = { [K in CallName]?: (input: never) => unknown };

/** A console that is its contract: what a command sends and what it gets is read by the schemas. */
export class FakeConsole implements ConsoleClient {
  mode: ConsoleClient['mode'] = 'attached';
  /** Calls, and what was told in between, in order. */
  readonly asked: [string, unknown][] = [];
  readonly streams: Streams;
  readonly calls: Calls;
  constructor(streams: Streams, calls: Calls = {}) {
    this.streams = {
      'console.watch': consoleState,
      'people.watch': people(),
      'approvals.watch': approvals([]),
      ...streams,
    };
    this.calls = {
      'people.unlock': ({ operator }: { operator: string }) => {
        const me = { operator, name: operator, roles: ['responder' as const], unlockedAtMs: 0, locksAtMs: null };
        const now = this.streams['people.watch'] as PeopleState;
        this.streams['people.watch'] = { ...now, me };
        return {};
      },
      'people.touch': () => ({}),
      ...calls,
    };
  }
  names(): string[] {
    return this.asked.map(([name]) => name);
  }
  input(name: string): unknown {
    return this.asked.find(([asked]) => asked === name)?.[1];
  }
  call: ConsoleClient['call'] = async (op, input) => {
    contract[op].input.parse(input);
    this.asked.push([op, input]);
    const answer = this.calls[op];
    if (answer === undefined) throw new Error(`the test answers no ${op}`);
    return contract[op].output.parse(await (answer as (given: unknown) => unknown)(input)) as never;
  };
  watch: ConsoleClient['watch'] = async (op, _input, done) => {
    const given = this.streams[op];
    const values = Array.isArray(given) ? given : [given];
    for (const [index, value] of values.entries()) {
      const parsed = contract[op].snapshot.parse(value) as never;
      if (Array.isArray(given)) this.streams[op] = values.slice(index) as never;
      if (done(parsed)) return parsed;
    }
    return contract[op].snapshot.parse(values.at(-1)) as never;
  };
  snapshot: ConsoleClient['snapshot'] = async (op) => {
    const given = this.streams[op];
    return contract[op].snapshot.parse(Array.isArray(given) ? given[0] : given) as never;
  };
  settled = async (): Promise<void> => void this.asked.push(['settled', null]);
  serveOthers = async (): Promise<void> => void this.asked.push(['serveOthers', null]);
  close = async (): Promise<void> => undefined;
}

export interface Ran {
  readonly code: number;
  readonly said: string;
  readonly warned: string;
  readonly json: unknown;
  readonly error: Error | null;
  /** Questions that were asked, secret ones too. */
  readonly questions: readonly string[];
}

export interface Given {
  /** What is typed, in order; none: no terminal. */
  readonly typed?: readonly string[];
  readonly stdin?: string;
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  /** When the person presses Ctrl-C. */
  readonly stopped?: Promise<void>;
}

/** Runs a command as `main.ts` does, against a console of the test. */
export async function run(
  command: Command,
  args: readonly string[],
  client: ConsoleClient,
  given: Given = {},
): Promise<Ran> {
  const said: string[] = [];
  const warned: string[] = [];
  const questions: string[] = [];
  const typed = [...(given.typed ?? [])];
  let json: unknown;
  const env = { ...given.env };
  const answer = async (question: string) => {
    questions.push(question);
    return given.typed === undefined ? null : (typed.shift() ?? '');
  };
  const ended = (code: number, error: Error | null): Ran => ({
    code,
    said: said.join('\n'),
    warned: warned.join('\n'),
    json,
    error,
    questions,
  });
  try {
    const secrets = takeSecrets(env);
    const context: CommandContext = {
      args: readArguments(args, command.options),
      out: { say: (text) => said.push(text), json: (value) => (json = value), warn: (text) => warned.push(text) },
      cwd: given.cwd ?? '/nowhere',
      env,
      dataDir: '/data',
      configPath: null,
      connect: async () => client,
      ask: answer,
      askSecret: answer,
      readStdin: async () => given.stdin ?? null,
      secrets,
      untilStopped: () => given.stopped ?? new Promise(() => undefined),
    };
    return ended(await command.run(context), null);
  } catch (error) {
    if (!(error instanceof ScramError)) throw error;
    return ended(exitCodeOf(error), error);
  }
}

export { KEY };
