import type { Access } from '../../../shared/contract/define.ts';
import type { Me } from '../../../shared/model/operator.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Actor } from '../signing/actor.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { Keyring } from '../vault/api.ts';
import type { PersonSession } from './api.ts';

type LockReason = Parameters<PersonSession['lock']>[0];

export interface SessionPorts {
  readonly clock: Clock;
  /** Null: it does not lock by itself. */
  lockAfterMs(): number | null;
  describe(operator: string): Pick<Me, 'name' | 'roles'>;
  /** What the person may do now; null stands for a locked session. */
  rightsOf(keyring: Keyring | null): ReadonlySet<Access>;
  /** Whether what the person does is signed by them: their key is in the roster, or is about to found it. */
  signs(keyring: Keyring): boolean;
  unlock(operator: string, passphrase: string): Promise<Keyring>;
  unlockByKeychain(operator: string): Promise<Keyring>;
  onLocked(keyring: Keyring, why: LockReason): void;
  onDisposed(session: OwnedSession): void;
}

export interface OwnedSession extends PersonSession {
  /** Opens it with keys that were unlocked elsewhere: the sandbox's first practice operator. */
  take(keyring: Keyring): void;
  /** Locks it when it has not been used for long enough. */
  lockIfIdle(nowMs: number): void;
  tell(): void;
}

/** One client of the back end and the person who has unlocked it. Keys are forgotten when it locks (E2). */
export function createSession(ports: SessionPorts): OwnedSession {
  const { clock } = ports;
  const listeners = new Set<() => void>();
  let keyring: Keyring | null = null;
  let unlockedAtMs = 0;
  let usedAtMs = 0;
  let disposed = false;

  function tell(): void {
    for (const listener of [...listeners]) listener();
  }

  function take(opened: Keyring): void {
    if (disposed) {
      opened.dispose();
      throw new ScramError('cancelled', 'the session ended before it was unlocked');
    }
    const before = keyring;
    keyring = opened;
    unlockedAtMs = clock.now();
    usedAtMs = unlockedAtMs;
    if (before !== null) ports.onLocked(before, 'asked');
    tell();
  }

  function lock(why: LockReason): void {
    const before = keyring;
    if (before === null) return;
    keyring = null;
    ports.onLocked(before, why);
    tell();
  }

  /** Signs only as long as this very session is unlocked by this very person. */
  function actorOf(held: Keyring): Actor {
    return {
      person: held.person,
      sign(text) {
        if (keyring !== held)
          throw new ScramError('locked', 'the console was locked meanwhile', { action: 'unlock it' });
        usedAtMs = clock.now();
        return held.sign(text);
      },
    };
  }

  return {
    keyring: () => keyring,
    take,
    tell,
    actor: () => (keyring === null || !ports.signs(keyring) ? null : actorOf(keyring)),
    me() {
      if (keyring === null) return null;
      const limit = ports.lockAfterMs();
      return {
        operator: keyring.operator,
        ...ports.describe(keyring.operator),
        unlockedAtMs,
        locksAtMs: limit === null ? null : usedAtMs + limit,
      };
    },
    rights: () => ports.rightsOf(keyring),
    async unlock(operator, passphrase) {
      take(await ports.unlock(operator, passphrase));
    },
    async unlockByKeychain(operator) {
      take(await ports.unlockByKeychain(operator));
    },
    lock,
    touch() {
      usedAtMs = clock.now();
    },
    lockIfIdle(nowMs) {
      const limit = ports.lockAfterMs();
      // A clock that was set back makes nobody's time longer.
      usedAtMs = Math.min(usedAtMs, nowMs);
      if (keyring !== null && limit !== null && nowMs - usedAtMs >= limit) lock('idle');
    },
    onChange(listener): Disposable {
      const own = () => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    dispose() {
      disposed = true;
      lock('ended');
      listeners.clear();
      ports.onDisposed(this);
    },
  };
}
