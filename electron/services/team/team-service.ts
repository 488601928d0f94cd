import { ScramError } from '../../../shared/model/error.ts';
import type { TeamState } from '../../../shared/model/team.ts';
import type { Refusal } from '../ledger/api.ts';
import type { Disposable } from '../ports.ts';
import { within } from '../time-limit.ts';
import type { TeamService } from './api.ts';
import { aloneService, heldHere } from './alone.ts';
import { createBackoff } from './backoff.ts';
import { createExchange } from './exchange.ts';
import { createHearing } from './hearing.ts';
import type { TeamServiceOptions } from './options.ts';
import { createPresenceBoard } from './presence.ts';
import { codeOf, RETRY, wordsOf } from './retry.ts';
import type { TeamStore } from './store.ts';

const CONNECT_LIMIT_MS = 30_000;
/** A wrong password that is tried too often locks accounts, and what is refused by name does not change by itself. */
const RETRY_REFUSED_MS = 30_000;
const PRESENCE_MS = 20_000;
/** Refused rows that are told of in one run: a flood of forgeries must fill neither memory nor log. */
const MOST_TOLD = 1_000;

/** Replication between consoles (D8): each works alone while the store is away, and whatever was missed follows later. */
export function createTeamService(options: TeamServiceOptions): TeamService {
  return options.store === null ? aloneService(options) : connectedService(options, options.store);
}

function connectedService(options: TeamServiceOptions, store: TeamStore): TeamService {
  const { chains, clock, log, device } = options;
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  const told = new Set(chains.quarantined().map(keyOf));
  const retryIn = createBackoff(RETRY, options.random);
  const presence = createPresenceBoard(store, device, clock, stop.signal);
  const exchange = createExchange({
    store,
    chains,
    trust: options.trust,
    device,
    clock,
    ended: stop.signal,
    onRefused: refused,
  });
  const hearing = createHearing({ ...options, store, random: options.random, onMore: heard, onLost: deaf });
  let state: Exclude<TeamState['state'], 'none'> = 'connecting';
  let problem: string | null = null;
  let lastSyncAtMs: number | null = null;
  let connected = false;
  let running = false;
  let again = false;
  let lookDue = true;
  let presenceDue = true;
  let retry: Disposable | null = null;
  let waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  function tell(): void {
    for (const listener of [...listeners]) listener();
  }

  function refused(refusal: Refusal): void {
    const key = keyOf(refusal.row);
    if (told.has(key) || told.size >= MOST_TOLD) return;
    told.add(key);
    log.warn('team-store.entry-refused', {
      device: refusal.row.device,
      sequence: refusal.row.sequence,
      what: refusal.what,
    });
    options.onQuarantine?.(refusal);
    tell();
  }

  /** Something is to be done; while the store is away, the next attempt will do it. */
  function wake(): void {
    again = true;
    if (running || retry !== null || stop.signal.aborted) return;
    run().catch((error: unknown) => log.error('team-store.failed', { error: String(error) }));
  }

  function look(): void {
    lookDue = true;
    wake();
  }

  async function run(): Promise<void> {
    running = true;
    try {
      if (!connected) await connect();
      while (again || lookDue || presenceDue) {
        again = false;
        await work();
        succeeded();
      }
    } catch (error) {
      failed(error);
    } finally {
      running = false;
    }
  }

  async function work(): Promise<void> {
    if (presenceDue) {
      presenceDue = false;
      await sharePresence();
    }
    do {
      if (lookDue) {
        lookDue = false;
        await exchange.look();
      }
    } while ((await exchange.step()) || lookDue);
  }

  async function sharePresence(): Promise<void> {
    try {
      await presence.exchange();
    } catch (error) {
      // A courtesy: what is wrong with it alone does not hold up the entries.
      if (error instanceof ScramError && error.code === 'provider')
        log.warn('team-store.presence', { error: error.message });
      else throw error;
    }
  }

  async function connect(): Promise<void> {
    await within(clock, CONNECT_LIMIT_MS, [stop.signal], (signal) => store.connect(signal));
    stop.signal.throwIfAborted();
    connected = true;
    lookDue = true;
    presenceDue = true;
    exchange.reset();
    hearing.start();
  }

  function heard(which: string | null): void {
    if (stop.signal.aborted) return;
    if (which === null) {
      look();
    } else {
      exchange.more(which);
      wake();
    }
  }

  function deaf(): void {
    if (stop.signal.aborted) return;
    tell();
    // Most often the server itself has gone: to be noticed now.
    look();
  }

  function succeeded(): void {
    retryIn.reset();
    if (state !== 'synced') log.info('team-store.synced', {});
    state = 'synced';
    problem = null;
    lastSyncAtMs = clock.now();
    settle((waiter) => waiter.resolve());
    tell();
  }

  function failed(error: unknown): void {
    if (stop.signal.aborted) return;
    const words = wordsOf(error);
    if (state !== 'away' || problem !== words) log.warn('team-store.away', { code: codeOf(error), problem: words });
    connected = false;
    state = 'away';
    problem = words;
    hearing.stop();
    exchange.reset();
    const waitMs = retryIn.next();
    const refusedByName = /^(credential|refused|config-invalid)$/.test(codeOf(error));
    retry = clock.after(refusedByName ? Math.max(RETRY_REFUSED_MS, waitMs) : waitMs, attempt);
    settle((waiter) => waiter.reject(error));
    tell();
  }

  function attempt(): void {
    retry?.dispose();
    retry = null;
    look();
  }

  function settle(how: (waiter: (typeof waiters)[number]) => void): void {
    const settled = waiters;
    waiters = [];
    settled.forEach(how);
  }

  const subscriptions: Disposable[] = [
    options.ledger.onAppend((entry) => {
      if (entry.body.data.kind === 'roster.accepted') {
        exchange.forgive();
        look();
      }
      wake();
      if (state === 'away') tell();
    }),
    clock.every(options.pollMs, look),
    clock.every(PRESENCE_MS, () => {
      presenceDue = true;
      wake();
      // Those who left are no longer shown, though nothing comes in.
      if (state === 'away') tell();
    }),
    clock.after(0, attempt),
  ];

  return {
    state: () => ({
      configured: true,
      state,
      lastSyncAtMs,
      waiting: exchange.waiting(),
      problem: problem ?? exchange.problem() ?? hearing.problem(),
      ...heldHere(options),
      presence: presence.now(),
    }),
    onChange(listener) {
      const own = (): void => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    setDoing(operator, doing) {
      if (!presence.set(operator, doing)) return;
      presenceDue = true;
      wake();
    },
    async syncNow(signal) {
      signal.throwIfAborted();
      if (stop.signal.aborted) throw new ScramError('cancelled', 'the team store was closed');
      const done = Promise.withResolvers<void>();
      const waiter = { resolve: done.resolve, reject: done.reject };
      waiters.push(waiter);
      const abort = (): void => done.reject(new ScramError('cancelled', 'the exchange was not waited for'));
      signal.addEventListener('abort', abort, { once: true });
      attempt();
      try {
        await done.promise;
      } finally {
        signal.removeEventListener('abort', abort);
        waiters = waiters.filter((other) => other !== waiter);
      }
    },
    dispose() {
      if (stop.signal.aborted) return;
      for (const subscription of subscriptions) subscription.dispose();
      retry?.dispose();
      hearing.stop();
      stop.abort(new ScramError('cancelled', 'the team store was closed'));
      settle((waiter) => waiter.reject(stop.signal.reason));
      listeners.clear();
      store.dispose().catch((error: unknown) => log.error('team-store.close-failed', { error: wordsOf(error) }));
    },
  };
}

function keyOf({ device, sequence, hash }: { device: string; sequence: number; hash: string }): string {
  return `${device} ${sequence} ${hash}`;
}
