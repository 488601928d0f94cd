import type { ConsoleState } from '../../shared/contract/console.ts';
import type { StreamName, SnapshotOf } from '../../shared/contract/index.ts';
import type { Entry } from '../../shared/model/entry.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { NotifyTargetState } from '../../shared/model/notify.ts';
import type { PeopleState } from '../../shared/model/operator.ts';
import type { TeamState } from '../../shared/model/team.ts';
import type { VaultState } from '../../shared/model/vault.ts';
import type { Handlers } from '../../electron/rpc/handlers/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import { aProgress, Emitter, HASH } from './fake-backend.ts';
import { GOOD_PROBE } from './provider-parts.ts';
import { HERE, THERE, timelineOf } from './record.ts';

const MINUTE = 60_000;
const key = (id: string, device: string, here: boolean) => ({
  id,
  device,
  text: `scram1:${id.repeat(8)}`,
  here,
});

/** A value that a stream tells, and that the test moves on. */
export class Live<T> {
  readonly changed = new Emitter<T>();
  value: T;
  constructor(value: T) {
    this.value = value;
  }
  set(value: T): void {
    this.value = value;
    this.changed.emit(value);
  }
}

function streamOf<K extends StreamName>(live: Live<SnapshotOf<K>>): Handlers[K] {
  const handler = (_input: unknown, _context: unknown, push: (value: SnapshotOf<K>) => void) => {
    const subscription = live.changed.on(push);
    return { snapshot: live.value, dispose: subscription.dispose };
  };
  return handler as unknown as Handlers[K];
}

export interface TeamPageWish {
  readonly entries?: readonly Entry[];
  /** Nothing is configured and nothing has happened. */
  readonly bare?: boolean;
}

/** A team of three on two consoles, as the contract tells it, held in memory and moved on by the test. */
export function createTeamPage({ entries = [], bare = false }: TeamPageWish = {}) {
  const now = Date.now();
  const record = [...entries];
  const asked: { op: string; input: unknown }[] = [];
  const consoles = new Live<ConsoleState>(consoleState(record.length, now));
  const people = new Live<PeopleState>(bare ? nobodyState() : peopleState(now));
  const team = new Live<TeamState>(bare ? loneState(record.length, now) : teamState(record, now));
  const vault = new Live<VaultState>(bare ? EMPTY_VAULT : vaultState(now));
  const notify = new Live<{ targets: NotifyTargetState[] }>({ targets: bare ? [] : targets(now) });
  const incidents = new Live<{ incidents: Incident[] }>({ incidents: [] });
  const note =
    <O>(op: string, answer: (input: never) => O) =>
    async (input: unknown): Promise<O> => {
      asked.push({ op, input });
      return answer(input as never);
    };
  const handlers: Partial<Handlers> = {
    'console.watch': streamOf<'console.watch'>(consoles),
    'people.watch': streamOf<'people.watch'>(people),
    'team.watch': streamOf<'team.watch'>(team),
    'vault.watch': streamOf<'vault.watch'>(vault),
    'notify.watch': streamOf<'notify.watch'>(notify),
    'incidents.watch': streamOf<'incidents.watch'>(incidents),
    'ledger.timeline': async (query) => timelineOf(record, query),
    'ledger.verify': async () => consoles.value.ledger,
    'ledger.redact': note('ledger.redact', () => ({})),
    'ledger.anchor': note('ledger.anchor', () => ({
      line: `scram-anchor-v1 2 ${HERE}:62500:${'c'.repeat(64)} ${THERE}:37500:${'d'.repeat(64)}`,
      spoken: '4F7K 92QX 11M0 ZB8T · 62 500 · 37 500',
      digest: 'e'.repeat(64),
    })),
    'ledger.checkAnchor': note('ledger.checkAnchor', ({ line }: { line: string }) =>
      line.startsWith('4F7K')
        ? { ok: true, words: 'Both chains hold what was read aloud at 02:09.' }
        : { ok: false, words: 'Chain b7e8f900 ends at entry 37 201; the anchor names entry 37 500.' },
    ),
    'changes.preview': async () => ({
      hash: HASH,
      payload: { ...aProgress().change.payload, previewedAtMs: now, expiresAtMs: now + 10 * MINUTE },
    }),
    'changes.execute': note('changes.execute', () => {
      if (asked.some(({ op }) => op === 'incidents.override')) return aProgress();
      const words = `the incident «${incidents.value.incidents[0]?.title}» is open: changes other than mitigations are held`;
      throw new ScramError('refused', words, {
        action: 'close the incident, or let this change through with a reason',
      });
    }),
    'people.enrol': note('people.enrol', () => ({ publicKey: `scram1:${'Ab1_'.repeat(32)}` })),
    'people.signRoster': note('people.signRoster', () => ({ version: 4, file: '/srv/payments/config/roster.json' })),
    'people.touch': note('people.touch', () => ({})),
    'vault.set': note('vault.set', () => ({})),
    'vault.remove': note('vault.remove', () => ({})),
    'vault.seal': note('vault.seal', () => ({})),
    'vault.openTogether': note('vault.openTogether', () => ({ untilMs: now + 30 * MINUTE })),
    'vault.askForShare': note('vault.askForShare', () => block('open-request')),
    'vault.giveShare': note('vault.giveShare', () => block('open-share')),
    'vault.takeShare': note('vault.takeShare', () => ({ name: 'pg-break-glass', untilMs: now + 30 * MINUTE })),
    'notify.probe': note('notify.probe', () => GOOD_PROBE),
    'notify.preview': async ({ next }) => ({
      message: {
        event: 'status',
        title: 'checkout: p99 over its objective',
        severity: 'warning',
        facts: [{ label: 'Off', text: 'enable_new_pricing' }],
        text: next,
        key: 'incident-1',
        resolved: false,
        atMs: now,
      },
      text: `checkout: p99 over its objective\n\nSince: 02:09\nOff: enable_new_pricing (production)\nActing: Alex Marten\nNow: p99 0.31 s, objective 0.6 s, recovered\nNext: ${next === '' ? '–' : next}`,
    }),
    'notify.send': note('notify.send', () => ({
      results: [
        { target: 'room', ok: true, detail: null },
        { target: 'ops-mail', ok: false, detail: 'smtp.example.net does not answer; it is tried again' },
      ],
    })),
    'team.doing': note('team.doing', () => ({})),
    'team.syncNow': note('team.syncNow', () => ({})),
    'incidents.open': note('incidents.open', (input: Pick<Incident, 'title' | 'services' | 'environments'>) => {
      const incident = { ...anIncident(Date.now()), ...input, id: `incident-${asked.length}` };
      incidents.set({ incidents: [incident, ...incidents.value.incidents] });
      return incident;
    }),
    'incidents.close': note('incidents.close', ({ id }: { id: string }) => {
      incidents.set({
        incidents: incidents.value.incidents.map((each) =>
          each.id === id ? { ...each, closedAtMs: Date.now(), closedBy: 'alex' } : each,
        ),
      });
      return {};
    }),
    'incidents.note': note('incidents.note', () => ({})),
    'incidents.override': note('incidents.override', () => ({})),
  };
  return {
    handlers,
    asked,
    people,
    team,
    vault,
    notify,
    incidents,
    consoles,
    record,
    /** Writes entries at the newest end, as a console does. */
    append(added: readonly Entry[]): void {
      record.push(...added);
      consoles.set(consoleState(record.length, Date.now()));
    },
  };
}

export function anIncident(atMs: number): Incident {
  return {
    id: 'incident-1',
    title: 'checkout: p99 over its objective',
    services: ['checkout'],
    environments: ['production'],
    openedAtMs: atMs - 12 * MINUTE,
    openedBy: 'alex',
    closedAtMs: null,
    closedBy: null,
  };
}

function consoleState(entries: number, nowMs: number): ConsoleState {
  return {
    product: { name: 'scram', version: '0.1.0' },
    host: 'web',
    device: HERE,
    nowMs,
    config: {
      mode: 'configured',
      path: '/srv/payments/config/scram.yaml',
      team: 'payments',
      loadedAtMs: nowMs,
      problems: [],
    },
    environments: [
      {
        name: 'production',
        tone: 'production',
        propagationObjectiveMs: 30_000,
        policy: {
          kill: { people: 1, typed: false, rationale: false },
          restore: { people: 2, typed: true, rationale: true },
          exceptions: 2,
          breakGlassMs: 900_000,
        },
      },
      { name: 'staging', tone: 'neutral', propagationObjectiveMs: 30_000 },
    ],
    connections: [],
    killSets: [],
    ledger: { device: HERE, entries, hash: 'f'.repeat(64), verified: 'verified', problem: null },
  };
}

function peopleState(nowMs: number): PeopleState {
  return {
    enforced: true,
    roster: {
      version: 3,
      pinned: '9f3c 12ab 77d0 45e1 0c9b e2f4',
      signedBy: { operator: 'kim', key: '9f3c12ab77d045e1' },
      signedAtMs: nowMs - 9 * 86_400_000,
      operators: [
        {
          id: 'alex',
          name: 'Alex Marten',
          roles: ['responder', 'release-manager'],
          keys: [key('0123456789abcdef', HERE, true), key('ffee0011aabb2233', THERE, false)],
        },
        {
          id: 'sam',
          name: 'Sam Okafor',
          roles: ['approver', 'responder'],
          keys: [key('aa11bb22cc33dd44', THERE, false)],
        },
        { id: 'robin', name: 'Robin Vale', roles: ['viewer'], keys: [] },
        { id: 'kim', name: 'Kim Adler', roles: ['admin'], keys: [key('9f3c12ab77d045e1', HERE, true)] },
      ],
      unsigned: ['Jo Berg (jo) is new: responder', 'Sam Okafor (sam): key 77ab… on console c0ffee12 is new'],
      problem: null,
    },
    me: {
      operator: 'kim',
      name: 'Kim Adler',
      roles: ['admin', 'responder', 'approver'],
      unlockedAtMs: nowMs - 12 * MINUTE,
      locksAtMs: nowMs + 18 * MINUTE,
    },
    rights: ['view', 'act', 'approve', 'administer'],
    unlockable: [{ operator: 'kim', name: 'Kim Adler', by: ['passphrase'], inRoster: true }],
    keychain: false,
    retryAtMs: null,
    practicePassphrase: null,
  };
}

function nobodyState(): PeopleState {
  return {
    enforced: false,
    roster: { version: 0, pinned: null, signedBy: null, signedAtMs: null, operators: [], unsigned: [], problem: null },
    me: null,
    rights: ['view', 'act', 'approve', 'administer'],
    unlockable: [],
    keychain: false,
    retryAtMs: null,
    practicePassphrase: null,
  };
}

function teamState(record: readonly Entry[], nowMs: number): TeamState {
  const of = (device: string) => record.filter(({ body }) => body.device === device);
  const chain = (device: string, operators: string[], here: boolean) => {
    const entries = of(device);
    return {
      device,
      operators,
      here,
      entries: entries.length,
      hash: 'f'.repeat(64),
      lastAtMs: entries.at(-1)?.body.atMs ?? null,
      countersigned: here ? Math.max(0, entries.length - 4) : entries.length,
      problem: null,
    };
  };
  return {
    configured: true,
    state: 'synced',
    lastSyncAtMs: nowMs - 3_000,
    waiting: 0,
    problem: null,
    chains: [
      chain(HERE, ['alex', 'kim'], true),
      chain(THERE, ['sam'], false),
      {
        device: 'c0ffee1234567890c0ffee1234567890',
        operators: [],
        here: false,
        entries: 211,
        hash: 'f'.repeat(64),
        lastAtMs: nowMs - 3 * 86_400_000,
        countersigned: 0,
        problem: 'entry 212 does not follow the entry before it: the chain was forked',
      },
    ],
    quarantined: [
      {
        device: 'c0ffee1234567890c0ffee1234567890',
        sequence: 212,
        hash: '9'.repeat(64),
        what: 'does not follow the entry before it: another entry 212 was taken over earlier',
        atMs: nowMs - 40 * MINUTE,
      },
    ],
    presence: [
      { device: HERE, operator: 'kim', doing: 'Setup, production', atMs: nowMs - 4_000 },
      { device: THERE, operator: 'sam', doing: 'Now, production', atMs: nowMs - 9_000 },
    ],
  };
}

function loneState(entries: number, nowMs: number): TeamState {
  const own = {
    device: HERE,
    operators: [],
    here: true,
    entries,
    hash: 'f'.repeat(64),
    lastAtMs: nowMs,
    countersigned: 0,
    problem: null,
  };
  return {
    configured: false,
    state: 'none',
    lastSyncAtMs: null,
    waiting: 0,
    problem: null,
    chains: [own],
    quarantined: [],
    presence: [],
  };
}

const EMPTY_VAULT: VaultState = { exists: false, open: false, credentials: [], missing: [], sealed: [], problems: [] };

function vaultState(nowMs: number): VaultState {
  return {
    exists: true,
    open: true,
    credentials: [
      { name: 'flags-eu-admin', setAtMs: nowMs - 30 * 86_400_000, usedBy: ['flags-eu'] },
      { name: 'room-webhook', setAtMs: nowMs - 2 * 86_400_000, usedBy: ['room'] },
    ],
    missing: ['prom-token'],
    sealed: [
      {
        name: 'pg-break-glass',
        sealedAtMs: nowMs - 60 * 86_400_000,
        holders: ['alex', 'sam', 'kim'],
        openUntilMs: null,
        usedBy: ['orders-db'],
      },
    ],
    problems: [],
  };
}

function targets(nowMs: number): NotifyTargetState[] {
  return [
    {
      id: 'room',
      kind: 'slack',
      events: ['approval-wanted', 'break-glass', 'change', 'incident', 'status'],
      state: 'ready',
      lastSentAtMs: nowMs - 5 * MINUTE,
      waiting: 0,
      problem: null,
    },
    {
      id: 'ops-mail',
      kind: 'email',
      events: ['incident', 'status'],
      state: 'failing',
      lastSentAtMs: nowMs - 86_400_000,
      waiting: 2,
      problem: 'smtp.example.net does not answer',
    },
  ];
}

function block(kind: 'open-request' | 'open-share') {
  const name = kind === 'open-request' ? 'OPEN REQUEST' : 'OPEN SHARE';
  const body = Array.from(
    { length: 6 },
    () => 'q1ZKTklVslLKSC1KVbJSUErOz0vLL8pVUtJRSklNLMlILSpWslIqLk0uSi1OLVKyMjQ2',
  ).join('\n');
  return {
    kind,
    text: `-----BEGIN SCRAM ${name}-----\n${body}\n=k3Jx\n-----END SCRAM ${name}-----`,
    checkCode: '4F7K-92QX',
    qr: null,
  };
}
