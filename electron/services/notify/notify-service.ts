import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Log } from '../ports.ts';
import { within } from '../time-limit.ts';
import type { NotifyResult, NotifyService, NotifyTargetEntry } from './api.ts';
import type { NotifyBacklog } from './backlog.ts';
import { beganIn, createBeganMemory } from './began.ts';
import type { StandingLookups } from './lookups.ts';
import { watchOverdue } from './overdue.ts';
import { recorder } from './record.ts';
import { createTargetQueue, type TargetQueue } from './target-queue.ts';
import { messagesFor, type NotifyLookups } from './triggers.ts';

const PROBE_LIMIT_MS = 60_000;
/** As far back as whoever began a change is looked for, entries: it may have been before this service. */
const LOOK_BACK = 500;

export interface NotifyServiceOptions {
  readonly targets: readonly NotifyTargetEntry[];
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  /** Entries of this device cause messages; those of others were sent by their own console. */
  readonly device: string;
  readonly lookups: StandingLookups;
  readonly glass: () => readonly BreakGlassItem[];
  /** Where messages wait between two configurations; without one, what waits is told as not sent. */
  readonly backlog?: NotifyBacklog;
  readonly random?: () => number;
}

export function createNotifyService(options: NotifyServiceOptions): NotifyService {
  const { targets, ledger, clock, log, device, glass, random = Math.random } = options;
  const listeners = new Set<() => void>();
  const memory = createBeganMemory();
  const lookups: NotifyLookups = {
    ...options.lookups,
    began: (hash) => memory.began(hash) ?? beganIn(ledger.page({ limit: LOOK_BACK }), hash),
  };
  const record = recorder(ledger, log);
  let disposed = false;

  const queues = new Map<string, TargetQueue>(
    targets.map((entry) => [
      entry.id,
      createTargetQueue({
        entry,
        clock,
        log,
        random,
        onChange: () => {
          for (const listener of [...listeners]) listener();
        },
        onResult: record,
        backlog: options.backlog ?? null,
      }),
    ]),
  );

  const taking = (message: NotifyMessage, only: string | null): NotifyTargetEntry[] =>
    targets.filter(({ id, events }) => (only === null ? events.includes(message.event) : id === only));

  function push(message: NotifyMessage, only: string | null): Promise<NotifyResult>[] {
    return taking(message, only).flatMap(({ id }) => queues.get(id)?.push(message) ?? []);
  }

  function heard(entry: Entry): void {
    memory.note(entry);
    // Other readings of the ledger hear of the entry in the same moment, maybe after this one.
    queueMicrotask(() => {
      if (disposed) return;
      try {
        if (entry.body.data.kind.startsWith('breakglass.')) overdue.look();
        if (entry.body.device !== device) return;
        for (const message of messagesFor(entry, lookups)) push(message, placeOf(entry, queues));
      } catch (error) {
        log.error('notify.no-message', { kind: entry.body.data.kind, error: error instanceof Error ? error.name : '' });
      }
    });
  }

  const overdue = watchOverdue({ glass, device, ledger, clock, send: (message) => void push(message, null) });
  const subscription = ledger.onAppend(heard);
  // Once everything that is composed with this is there.
  const begin = clock.after(0, () => overdue.look());

  return {
    targets: () => [...queues.values()].map((queue) => queue.state()),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    async probe(id, signal): Promise<ProbeReport> {
      const entry = targets.find((one) => one.id === id);
      if (entry === undefined) {
        const ids = targets.map((one) => one.id).join(', ');
        throw new ScramError('not-found', `there is no notify target ${id}`, {
          action: ids === '' ? 'Name targets under notify in scram.yaml.' : `Targets: ${ids}`,
        });
      }
      return within(clock, PROBE_LIMIT_MS, [signal], (limit) => entry.target.probe(limit));
    },
    async send(message, signal) {
      signal.throwIfAborted();
      const gone = Promise.withResolvers<never>();
      const leave = (): void => gone.reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      try {
        // Whoever leaves takes back nothing: what was said to be sent is sent.
        return await Promise.race([Promise.all(push(message, null)), gone.promise]);
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
    async settled(limitMs) {
      // What an entry of this very moment causes is pushed right after it.
      await Promise.resolve();
      const limit = Promise.withResolvers<void>();
      const timer = clock.after(limitMs, limit.resolve);
      const idle = [...queues.values()].flatMap((queue) => queue.idle() ?? []);
      await Promise.race([Promise.all(idle), limit.promise]);
      timer.dispose();
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      begin.dispose();
      subscription.dispose();
      overdue.dispose();
      for (const queue of queues.values()) queue.dispose();
      for (const { target } of targets) target.dispose();
      listeners.clear();
    },
  };
}

/** An anchor goes to the target that it names, whatever events that takes; null: to all that take it. */
function placeOf({ body: { data } }: Entry, queues: ReadonlyMap<string, unknown>): string | null {
  return data.kind === 'anchor.made' && queues.has(data.where) ? data.where : null;
}
