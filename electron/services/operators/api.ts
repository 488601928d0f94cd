import type { Access } from '../../../shared/contract/define.ts';
import type { Me, Operator, PeopleState, PersonRef, Right, Role } from '../../../shared/model/operator.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';
import type { Keyring } from '../vault/api.ts';
import type { PublicKey } from '../signing/public-key.ts';

/** Who the roster in force names (D5): what every signature is held against. */
export interface Roster {
  /** False when the configuration names no operators. */
  readonly enforced: boolean;
  readonly version: number;
  readonly operators: readonly Operator[];
  operator(id: string): Operator | null;
  /** The key when the person has it now; null when it was never theirs, or was revoked. */
  key(person: PersonRef): PublicKey | null;
  /** The key when any roster that was ever in force here gave it to the person: for signatures of the past. */
  everKey(person: PersonRef): PublicKey | null;
  /** Whether the person, by this key, has the right now, or had it at that time: for acts that came from elsewhere. */
  mightAt(person: PersonRef, right: Right, atMs: number): boolean;
  /** People who unlock a device, by the roster in force. */
  peopleOf(device: string): readonly string[];
  /** True when any roster that was ever in force here names the device: its chain may be taken over. */
  knowsDevice(device: string): boolean;
}

/** One client of the back end (the page's window, a terminal), and who has unlocked it. */
export interface PersonSession extends Disposable {
  /** Null while locked, and always when no operators are configured. */
  actor(): Actor | null;
  /** The keys that shares of sealed credentials are opened by; null while locked. */
  keyring(): Keyring | null;
  me(): Me | null;
  /** What it may do now: everything when no operators are configured, `view` alone while locked. */
  rights(): ReadonlySet<Access>;
  unlock(operator: string, passphrase: string): Promise<void>;
  unlockByKeychain(operator: string): Promise<void>;
  lock(why: 'asked' | 'idle' | 'sleep' | 'revoked' | 'ended'): void;
  touch(): void;
  onChange(listener: () => void): Disposable;
}

/** The people of the console: roster, sessions, keys. One for the process; a reload of the configuration renews its roster. */
export interface PeopleService {
  roster(): Roster;
  onRoster(listener: (roster: Roster) => void): Disposable;
  openSession(): PersonSession;
  /** Unlocks a second person for one act, beside whoever stays (D4); the key is forgotten as soon as `run` has ended. */
  beside<T>(operator: string, passphrase: string, run: (second: Keyring) => Promise<T> | T): Promise<T>;
  state(session: PersonSession): PeopleState;
  /** Anything that `state` of any session tells has changed. */
  onChange(listener: () => void): Disposable;
  enrol(operator: string, passphrase: string, session: PersonSession): Promise<{ publicKey: string }>;
  changePassphrase(operator: string, passphrase: string, next: string): Promise<void>;
  keepInKeychain(session: PersonSession, keep: boolean): Promise<void>;
  /** Takes a person's key off this console, who forgot its passphrase or left; they may make a new one. */
  removeKey(operator: string, session: PersonSession): Promise<void>;
  signRoster(session: PersonSession, proposal?: string): Promise<{ version: number; file: string }>;
  /** Every session is locked: the machine goes to sleep. */
  lockAll(why: 'sleep' | 'ended'): void;
}

/** Throws `locked` or `forbidden`, unless the person has one of the roles now. */
export type RequireRole = (actor: Actor | null, roles: readonly Role[] | undefined, what: string) => void;
