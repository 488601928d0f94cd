import { ScramError } from '../../../shared/model/error.ts';
import type { NotifyMessage, NotifyTargetState } from '../../../shared/model/notify.ts';
import { utc } from '../../../shared/rules/notify-text.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import { within } from '../time-limit.ts';
import type { NotifyResult, NotifyTargetEntry } from './api.ts';
import { pauseAfter } from './backoff.ts';
import type { NotifyBacklog } from './backlog.ts';
import { NOT_KNOWN_TO_BE_SENT } from './record.ts';

/** A target that takes longer than this over one message hangs, whatever its own time limit is, milliseconds. */
const LIMIT_MS = 2 * 60_000;
/** A target that is down for long must not fill the memory. */
const MOST_WAITING = 500;

interface Waiting {
  readonly message: NotifyMessage;
  readonly sinceMs: number;
  tries: number;
  /** Tells whoever sent it how it stands; later calls change nothing. */
  answer(result: NotifyResult): void;
}

export interface TargetQueueOptions {
  readonly entry: NotifyTargetEntry;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onChange: () => void;
  /** What finally became of a message. */
  readonly onResult: (message: NotifyMessage, result: NotifyResult) => void;
  /** Takes what still waits at the end, and gives what waited before; null: there is none. */
  readonly backlog: NotifyBacklog | null;
}

export interface TargetQueue extends Disposable {
  /** Resolves when nothing is being sent any more; null when nothing is. Never rejects. */
  idle(): Promise<void> | null;
  state(): NotifyTargetState;
  /** Resolves when it was sent, has failed for good, or waits to be sent again. */
  push(message: NotifyMessage): Promise<NotifyResult>;
}

/** The messages of one target, sent in order and one at a time; nothing that happens to them holds another target up. */
export function createTargetQueue(options: TargetQueueOptions): TargetQueue {
  const { entry, clock, log, random, onChange, onResult, backlog } = options;
  const { id, target } = entry;
  const closing = new AbortController();
  const queue: Waiting[] = [];
  let sending = false;
  let under: Promise<void> | null = null;
  let pause: (Disposable & { readonly asked: boolean }) | null = null;
  let problem: string | null = null;
  let lastSentAtMs: number | null = null;

  const result = (ok: boolean, detail: string | null): NotifyResult => ({ target: id, ok, detail });

  /** What waited before goes first. The services before these end only when these are there: not while they are made. */
  function takeOver(): void {
    const held = backlog?.take(id) ?? [];
    queue.splice(sending ? 1 : 0, 0, ...held.map((one) => ({ ...one, tries: 0, answer: () => undefined })));
  }

  function finish(item: Waiting, outcome: NotifyResult): void {
    item.answer(outcome);
    onResult(item.message, outcome);
  }

  function pump(): void {
    if (sending || pause !== null || closing.signal.aborted) return;
    const run = sendAll()
      // A listener that fails: what is queued goes on with the next message.
      .catch((error: unknown) =>
        log.error('notify.broken', { target: id, error: error instanceof Error ? error.name : '' }),
      )
      .finally(() => {
        if (under === run) under = null;
      });
    under = run;
  }

  async function sendAll(): Promise<void> {
    sending = true;
    try {
      for (let item = queue[0]; item !== undefined && pause === null; item = queue[0]) {
        onChange();
        const failure = await attempt(item);
        if (closing.signal.aborted) return;
        if (failure === null) {
          queue.shift();
          problem = null;
          lastSentAtMs = clock.now();
          finish(item, result(true, null));
        } else failed(item, failure);
      }
    } finally {
      sending = false;
      if (!closing.signal.aborted) onChange();
    }
  }

  async function attempt({ message }: Waiting): Promise<ScramError | null> {
    try {
      await within(clock, LIMIT_MS, [closing.signal], (signal) => target.send(message, signal));
      return null;
    } catch (error) {
      if (error instanceof ScramError) return error;
      // Words of an unknown error may hold anything: only its name goes on.
      const name = error instanceof Error ? error.name : typeof error;
      log.error('notify.unexpected', { target: id, error: name });
      return new ScramError('internal', 'an unexpected error; the log has its name');
    }
  }

  function failed(item: Waiting, error: ScramError): void {
    problem = [error.message, error.action].filter(Boolean).join('. ');
    item.tries += 1;
    const nowMs = clock.now();
    // A console that is locked may be unlocked any moment; its secrets can be had then.
    const retryable = error.retryable || error.code === 'locked';
    const { retryAfterMs } = error;
    const waitMs = pauseAfter(
      { retryable, retryAfterMs },
      { tries: item.tries, sinceMs: nowMs - item.sinceMs, random: random() },
    );
    if (waitMs === null) {
      queue.shift();
      log.warn('notify.failed', { target: id, event: item.message.event, code: error.code, tries: item.tries });
      finish(item, result(false, item.tries > 1 ? `${problem} (tried ${item.tries} times)` : problem));
      return;
    }
    const timer = clock.after(waitMs, () => {
      pause = null;
      pump();
    });
    pause = { asked: error.retryAfterMs !== null, dispose: () => timer.dispose() };
    const again = `not sent yet: ${problem}; tried again at ${utc(nowMs + waitMs)}`;
    for (const waiting of queue) waiting.answer(result(false, again));
  }

  /** What matters least goes first, and is told of. */
  function makeRoom(): void {
    if (queue.length < MOST_WAITING) return;
    const at = queue.findIndex(({ message }, index) => index > 0 && message.severity === 'info');
    const [dropped] = queue.splice(at === -1 ? 1 : at, 1);
    if (dropped) finish(dropped, result(false, 'given up: too many messages wait for this target'));
  }

  const begin = clock.after(0, () => {
    takeOver();
    pump();
  });

  return {
    idle: () => under,
    state: () => ({
      id,
      kind: target.kind,
      events: [...entry.events],
      state: sending ? 'sending' : pause !== null ? 'failing' : problem === null ? 'ready' : 'error',
      lastSentAtMs,
      waiting: queue.length,
      problem,
    }),
    push(message) {
      const answered = Promise.withResolvers<NotifyResult>();
      if (closing.signal.aborted) return Promise.resolve(result(false, 'the console stopped sending'));
      takeOver();
      makeRoom();
      queue.push({ message, sinceMs: clock.now(), tries: 0, answer: answered.resolve });
      // Something new is reason enough to try again now, unless the target said when.
      if (pause !== null && !pause.asked) {
        pause.dispose();
        pause = null;
      } else if (pause !== null) {
        answered.resolve(result(false, `not sent yet: ${problem ?? 'it waits'}; the target asked for patience`));
      }
      pump();
      return answered.promise;
    },
    dispose() {
      if (closing.signal.aborted) return;
      closing.abort(new ScramError('cancelled', 'the console stopped sending'));
      begin.dispose();
      pause?.dispose();
      pause = null;
      const left = queue.splice(0);
      for (const item of left)
        item.answer(result(false, 'not sent yet: it goes on with the next configuration, if there is one'));
      if (backlog !== null) backlog.put(id, left);
      // Nothing that was to be sent is lost without a word.
      else for (const { message } of left) onResult(message, result(false, NOT_KNOWN_TO_BE_SENT));
    },
  };
}
