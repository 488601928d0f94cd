import type { Access } from '../../../shared/contract/define.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Operator, PeopleState } from '../../../shared/model/operator.ts';
import { rightsOf } from '../../../shared/rules/roles.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { Keyring, Vault } from '../vault/api.ts';
import { nextTryAtMs } from './throttle.ts';
import type { PeopleService, PersonSession, Roster } from './api.ts';
import { fingerprintOf, readPublicKey } from '../signing/public-key.ts';
import { nextRoster, proposalOf, rosterFileText, signRosterBody, unsignedChanges } from './roster.ts';
import { checkNewPassphrase } from './passphrase.ts';
import { type RosterFilePort, RosterKeeper } from './roster-keeper.ts';
import { createSession, type OwnedSession } from './session.ts';

const EVERYTHING: ReadonlySet<Access> = new Set(['view', 'act', 'approve', 'administer']);
const LOCKED: ReadonlySet<Access> = new Set(['view']);
/** Pace at which idle sessions and a sleep of the machine are looked for, milliseconds. */
const LOOK_MS = 10_000;
/** A look that comes this late means that the machine slept, milliseconds. */
const SLEPT_MS = 60_000;
/** Wrong tries that are older no longer slow anybody down, milliseconds. */
const FAILURES_COUNT_MS = 60 * 60_000;

/** What the people of one configuration are; the sandbox has practice operators, whose roster nobody signs. */
export interface PeopleConfig {
  readonly team: string;
  readonly operators: readonly Operator[];
  /** Null: sessions do not lock by themselves. */
  readonly lockAfterMs: number | null;
  readonly vault: Vault;
  /** The host offers the operating system's keychain. */
  readonly keychain: boolean;
  readonly rosterFile: RosterFilePort | null;
  /** `first` has unlocked every session when it begins. */
  readonly practice: { readonly passphrase: string; readonly first: Keyring } | null;
}

export interface PeoplePorts {
  readonly clock: Clock;
  readonly log: Log;
}

export interface OwnedPeople extends PeopleService {
  /** Takes up a configuration, or the same one whose roster file has changed. */
  use(config: PeopleConfig): void;
  dispose(): void;
}

/** Who is who, and who is here (D5). One for the process. */
export function createPeopleService(
  { ledger }: { readonly ledger: Ledger },
  { clock, log }: PeoplePorts,
  first: PeopleConfig,
): OwnedPeople {
  const sessions = new Set<OwnedSession>();
  const listeners = new Set<() => void>();
  const rosterListeners = new Set<(roster: Roster) => void>();
  let failures: { readonly operator: string; readonly atMs: number }[] = [];
  for (const { body } of ledger.of(['operator.unlock-failed', 'operator.unlocked'])) {
    if (body.device !== ledger.device) continue;
    if (body.data.kind === 'operator.unlock-failed') failures.push({ operator: body.data.operator, atMs: body.atMs });
    if (body.data.kind === 'operator.unlocked') forgive(body.data.operator);
  }
  let trying: Promise<unknown> = Promise.resolve();
  let config = first;
  let lookedAtMs = clock.now();
  const keeper = new RosterKeeper(ledger, resolve);
  let roster: Roster = keeper.resolve(sourceOf(config));
  const looking = clock.every(LOOK_MS, look);

  function resolve(): void {
    const before = roster;
    roster = keeper.resolve(sourceOf(config));
    for (const session of [...sessions]) {
      const person = session.keyring()?.person;
      if (person !== undefined && before.key(person) !== null && roster.key(person) === null) session.lock('revoked');
    }
    for (const listener of [...rosterListeners]) listener(roster);
    tell();
  }

  function tell(): void {
    for (const listener of [...listeners]) listener();
  }

  function look(): void {
    const nowMs = clock.now();
    const slept = nowMs - lookedAtMs > SLEPT_MS;
    lookedAtMs = nowMs;
    for (const session of [...sessions]) {
      if (slept && config.lockAfterMs !== null) session.lock('sleep');
      else session.lockIfIdle(nowMs);
    }
  }

  function retryAtMs(): number | null {
    const nowMs = clock.now();
    const times = failures.map(({ atMs }) => atMs);
    const next = nextTryAtMs(
      times.filter((atMs) => nowMs - atMs < FAILURES_COUNT_MS),
      nowMs,
    );
    return next === null || next <= nowMs ? null : next;
  }

  /** Whoever gets in is forgiven their own wrong tries, and not those at somebody else's passphrase. */
  function forgive(operator: string): void {
    failures = failures.filter((failure) => failure.operator !== operator);
  }

  /** One try after another: many at once would all be made before the first of them counts (E2). */
  function opened(operator: string, open: () => Promise<Keyring>): Promise<Keyring> {
    const mine = trying.then(() => tried(operator, open));
    trying = mine.catch(() => undefined);
    return mine;
  }

  /** Counts wrong tries over every session and restart, and slows them down (E2). */
  async function tried(operator: string, open: () => Promise<Keyring>): Promise<Keyring> {
    const waitUntil = retryAtMs();
    if (waitUntil !== null) {
      const retryAfterMs = waitUntil - clock.now();
      throw new ScramError('rate-limited', `too many wrong passphrases: wait ${Math.ceil(retryAfterMs / 1000)} s`, {
        retryAfterMs,
      });
    }
    try {
      const keyring = await open();
      forgive(operator);
      return keyring;
    } catch (error) {
      if (error instanceof ScramError && error.code === 'locked') {
        const known = config.vault.slots().some((slot) => slot.operator === operator) ? operator : 'unknown';
        failures.push({ operator: known, atMs: clock.now() });
        ledger.append({ kind: 'operator.unlock-failed', operator: known });
        tell();
      }
      throw error;
    }
  }

  async function unlock(
    operator: string,
    how: 'passphrase' | 'keychain',
    open: () => Promise<Keyring>,
  ): Promise<Keyring> {
    const keyring = await opened(operator, open);
    const { key } = keyring.person;
    const kind = config.practice === null ? how : 'practice';
    try {
      ledger.append({ kind: 'operator.unlocked', operator, key, how: kind }, signs(keyring) ? keyring : null);
    } catch (error) {
      keyring.dispose();
      throw error;
    }
    return keyring;
  }

  /** Before anybody has signed a roster, an admin whom scram.yaml names may sign the first one, with a key of this console. */
  function mayFound(keyring: Keyring): boolean {
    if (roster.version > 0) return false;
    const person = config.operators.find(({ id }) => id === keyring.operator);
    return (person?.roles.includes('admin') ?? false) && (person?.publicKeys.includes(keyring.publicKey) ?? false);
  }

  /** A signature by a key that no roster has would keep other consoles from this one's whole record (D8). */
  function signs(keyring: Keyring): boolean {
    return roster.key(keyring.person) !== null || mayFound(keyring);
  }

  function rights(keyring: Keyring | null): ReadonlySet<Access> {
    if (!roster.enforced) return EVERYTHING;
    if (keyring === null) return LOCKED;
    if (mayFound(keyring)) return new Set(['view', 'administer']);
    if (roster.key(keyring.person) === null) return LOCKED;
    return rightsOf(roster.operator(keyring.operator)?.roles ?? []);
  }

  function state(session: PersonSession): PeopleState {
    const newest = keeper.newest;
    return {
      enforced: roster.enforced,
      roster: {
        version: newest?.version ?? 0,
        pinned: keeper.pinned === null ? null : fingerprintOf(keeper.pinned),
        signedBy: newest?.signedBy ?? null,
        signedAtMs: newest?.atMs ?? null,
        operators: roster.operators.map(({ id, name, roles, publicKeys }) => ({
          id,
          name,
          roles: [...roles],
          keys: publicKeys.flatMap((text) => {
            const key = readPublicKey(text);
            return key === null ? [] : [{ id: key.id, device: key.device, text, here: key.device === ledger.device }];
          }),
        })),
        unsigned: config.practice === null ? unsignedChanges(config.operators, roster.operators) : [],
        ...(config.practice === null ? { proposal: proposalOf(config) } : {}),
        problem: keeper.problem,
      },
      me: session.me(),
      rights: [...session.rights()],
      unlockable: config.vault.slots().map(({ operator, publicKey, by }) => ({
        operator,
        name: nameOf(operator),
        by: [...by],
        inRoster: keyIdIn(roster, operator, publicKey),
      })),
      keychain: config.keychain,
      retryAtMs: retryAtMs(),
      practicePassphrase: config.practice?.passphrase ?? null,
    };
  }

  function nameOf(operator: string): string {
    const found = roster.operator(operator) ?? config.operators.find(({ id }) => id === operator);
    return found?.name ?? operator;
  }

  function openSession(): OwnedSession {
    const session = createSession({
      clock,
      lockAfterMs: () => (config.practice === null ? config.lockAfterMs : null),
      describe: (operator) => ({ name: nameOf(operator), roles: [...(roster.operator(operator)?.roles ?? [])] }),
      rightsOf: rights,
      signs,
      unlock: (operator, passphrase) => unlock(operator, 'passphrase', () => config.vault.unlock(operator, passphrase)),
      unlockByKeychain: (operator) => unlock(operator, 'keychain', () => config.vault.unlockByKeychain(operator)),
      onLocked(keyring, why) {
        keyring.dispose();
        try {
          ledger.append({ kind: 'operator.locked', operator: keyring.operator, why });
        } catch (error) {
          // A record that cannot be written keeps nobody unlocked: not this session, nor those that come after it.
          log.error('people.lock-not-recorded', { error: error instanceof ScramError ? error.message : 'unknown' });
        }
        tell();
      },
      onDisposed: (disposed) => void sessions.delete(disposed),
    });
    sessions.add(session);
    session.onChange(tell);
    if (config.practice !== null) session.take(lent(config.practice.first));
    return session;
  }

  function keyringOf(session: PersonSession): Keyring {
    const keyring = session.keyring();
    if (keyring === null) throw new ScramError('locked', 'this console is locked', { action: 'unlock it first' });
    return keyring;
  }

  async function signRoster(session: PersonSession, proposal?: string): Promise<{ version: number; file: string }> {
    const keyring = keyringOf(session);
    if (config.rosterFile === null) {
      throw new ScramError('refused', 'the sandbox has practice operators, whom nobody signs', {
        action: 'begin a configuration of your own: scram init DIR',
      });
    }
    if (proposal !== undefined && proposal !== proposalOf(config)) {
      throw new ScramError('conflict', 'scram.yaml has changed since the roster was shown; nothing was signed', {
        action: 'look at it again, then sign',
      });
    }
    const before = keeper.newest;
    const body = nextRoster(config, before, keyring, clock.now());
    const same = before?.team === body.team && unsignedChanges(body.operators, before.operators).length === 0;
    if (before !== null && same) {
      throw new ScramError('refused', `the operators of scram.yaml are those of version ${before.version} already`);
    }
    if (!body.operators.some(({ roles, publicKeys }) => roles.includes('admin') && publicKeys.length > 0)) {
      throw new ScramError('refused', 'nobody in scram.yaml is an admin with a key: nobody could ever sign again', {
        action: 'give one operator the role admin and a public key',
      });
    }
    await config.rosterFile.write(rosterFileText([...keeper.versions, signRosterBody(body, keyring)]));
    resolve();
    return { version: body.version, file: config.rosterFile.path };
  }

  return {
    roster: () => roster,
    onRoster(listener) {
      const own = (value: Roster) => listener(value);
      rosterListeners.add(own);
      return { dispose: () => void rosterListeners.delete(own) };
    },
    openSession,
    async beside<T>(operator: string, passphrase: string, run: (second: Keyring) => Promise<T> | T): Promise<T> {
      const keyring = await opened(operator, () => config.vault.unlock(operator, passphrase));
      try {
        if (roster.version > 0 && roster.key(keyring.person) === null) throw notInForce(operator);
        return await run(keyring);
      } finally {
        keyring.dispose();
      }
    },
    state,
    onChange(listener): Disposable {
      const own = () => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    async enrol(operator, passphrase, session) {
      if (config.practice === null) checkNewPassphrase(passphrase);
      const open = session.keyring();
      if (config.vault.slots().length > 0 && open === null) {
        throw new ScramError('locked', 'somebody who can unlock this console must unlock it first', {
          action: 'unlock it, then make the new key',
        });
      }
      // Who was revoked opens the vault to nobody else.
      if (open !== null && roster.everKey(open.person) !== null && roster.key(open.person) === null) {
        throw notInForce(open.operator);
      }
      const { publicKey } = await config.vault.enrol(operator, passphrase, open);
      ledger.append({ kind: 'operator.enrolled', operator, publicKey }, open !== null && signs(open) ? open : null);
      tell();
      return { publicKey };
    },
    async changePassphrase(operator, passphrase, next) {
      if (config.practice === null) checkNewPassphrase(next);
      // Tried out first, so that wrong ones count like any other.
      (await opened(operator, () => config.vault.unlock(operator, passphrase))).dispose();
      await config.vault.changePassphrase(operator, passphrase, next);
    },
    keepInKeychain: async (session, keep) => {
      await config.vault.keepInKeychain(keyringOf(session), keep);
      tell();
    },
    async removeKey(operator, session) {
      const actor = session.actor();
      if (session.me()?.operator === operator) {
        throw new ScramError('refused', 'a person does not take their own key away: another admin does');
      }
      await config.vault.removeSlot(operator);
      for (const one of [...sessions]) if (one.me()?.operator === operator) one.lock('revoked');
      ledger.append({ kind: 'operator.removed', operator }, actor);
      tell();
    },
    signRoster,
    lockAll(why) {
      for (const session of [...sessions]) session.lock(why);
    },
    use(next) {
      const moved = next.vault !== config.vault;
      if (moved) for (const session of [...sessions]) session.lock('ended');
      config = next;
      resolve();
    },
    dispose() {
      keeper.dispose();
      looking.dispose();
      for (const session of [...sessions]) session.dispose();
      listeners.clear();
      rosterListeners.clear();
      log.info('people.ended');
    },
  };
}

function notInForce(operator: string): ScramError {
  return new ScramError('forbidden', `this key of ${operator} is not in the roster in force`, {
    action: 'ask an admin to add it and sign the roster',
  });
}

/** The same keys for several sessions: one that locks does not take them from the others. */
function lent(keyring: Keyring): Keyring {
  return {
    operator: keyring.operator,
    publicKey: keyring.publicKey,
    person: keyring.person,
    sign: (text) => keyring.sign(text),
    openBox: (box) => keyring.openBox(box),
    dispose: () => undefined,
  };
}

function sourceOf({ team, operators, rosterFile, practice }: PeopleConfig): Parameters<RosterKeeper['resolve']>[0] {
  return { team, operators, practice: practice !== null, file: rosterFile };
}

function keyIdIn(roster: Roster, operator: string, publicKey: string): boolean {
  const key = readPublicKey(publicKey);
  return key !== null && roster.key({ operator, key: key.id }) !== null;
}
