import type { Observation } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { agreesWith, type Expectation, expectationOf } from '../../../shared/rules/expectation.ts';
import type { FlagObservation, FlagObserver } from '../flags/observer.ts';
import type { Disposable } from '../ports.ts';
import { type ChangePorts, isAt, refOf } from './ports.ts';
import type { ChangeRecord } from './projection.ts';
import { within } from './time-limit.ts';

/** Pace of the reads, milliseconds: at first each second, past the environment's objective each fifth. */
const PACE_MS = 1_000;
const SLOW_EVERY = 5;
/** A read may take this long before it counts as failed, milliseconds. */
const READ_LIMIT_MS = 5_000;
/** The watch gives up this long after the change was accepted, milliseconds. */
export const PROPAGATION_LIMIT_MS = 10 * 60_000;

/** One observation for each instance; an answer from before the change was accepted proves nothing. */
export function observationsOf(
  observer: string,
  answers: readonly FlagObservation[],
  expectation: Expectation,
  acceptedAtMs: number,
  earlier: readonly Observation[],
): Observation[] {
  const byInstance = Map.groupBy(answers, (answer) => answer.instance);
  return [...byInstance].map(([instance, seen]): Observation => {
    const newest = seen.reduce((a, b) => (b.atMs > a.atMs ? b : a));
    const differing = seen.find((answer) => !agreesWith(answer.variant, expectation));
    const agreeing = seen.find((answer) => agreesWith(answer.variant, expectation));
    // For `uses`, one stray variant is enough to disagree; for `notOnly`, one new variant is enough to agree.
    const agrees =
      newest.atMs >= acceptedAtMs &&
      (expectation !== null && 'uses' in expectation ? differing === undefined : agreeing !== undefined);
    const telling = (agrees ? agreeing : differing) ?? newest;
    const known = earlier.find((entry) => entry.observer === observer && entry.instance === instance);
    const same = known !== undefined && known.variant === telling.variant && known.agrees === agrees;
    return {
      observer,
      region: newest.region,
      instance,
      variant: telling.variant,
      agrees,
      atMs: newest.atMs,
      sinceMs: same ? known.sinceMs : newest.atMs,
    };
  });
}

export interface PropagationWatch extends Disposable {
  /** Newest answer of each observer. */
  observations(): readonly Observation[];
  /** What keeps the watch from telling, in words; null when nothing does. */
  problem(): string | null;
}

/**
 * Follows an accepted change to what is served and to what instances use (B5, B14), and journals both when seen. The
 * provider's word that it accepted the change is never taken for either.
 */
export function watchPropagation(
  ports: ChangePorts,
  record: ChangeRecord,
  onNews: () => void,
  /** The first look waits for this, the later ones do not. */
  first: Promise<void> = Promise.resolve(),
): PropagationWatch {
  const { payload, hash } = record.change;
  const ref = refOf(payload);
  const acceptedAtMs = record.acceptedAtMs ?? ports.clock.now();
  const expectation = expectationOf(payload);
  const objectiveMs = ports.environments.find(({ name }) => name === payload.environment)?.propagationObjectiveMs ?? 0;
  const observers: readonly FlagObserver[] =
    expectation === null ? [] : ports.flags.connection(ref.connection).observers;
  const stop = new AbortController();
  const answers = new Map<string, Observation[]>();
  const problems = new Map<string, string>();
  let served = record.servedAtMs !== null;
  let observed = record.observedAtMs !== null || observers.length === 0;
  let overdueTold = false;
  let ticks = 0;
  let busy = false;

  async function limited<T>(source: string, read: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    try {
      const answer = await within(ports.clock, READ_LIMIT_MS, [stop.signal], read);
      problems.delete(source);
      return answer;
    } catch (error) {
      problems.set(source, `${source}: ${error instanceof ScramError ? error.message : 'unexpected error'}`);
      return null;
    }
  }

  async function lookAtServed(): Promise<void> {
    const read = await limited(payload.connection, (signal) => ports.flags.readNow(ref, payload.environment, signal));
    if (read === null || stop.signal.aborted) return;
    if (!isAt(ports, read, payload.after)) {
      problems.set(payload.connection, `${payload.connection}: serves another state than the one accepted`);
      return;
    }
    ports.ledger.append({ kind: 'change.served', hash });
    served = true;
  }

  async function lookAtInstances(): Promise<void> {
    await Promise.all(
      observers.map(async (observer) => {
        const seen = await limited(observer.id, (signal) =>
          observer.observe([payload.flag], payload.environment, signal),
        );
        if (seen === null) return;
        const earlier = answers.get(observer.id) ?? [];
        answers.set(observer.id, observationsOf(observer.id, seen, expectation, acceptedAtMs, earlier));
      }),
    );
    if (stop.signal.aborted || !served) return;
    const all = [...answers.values()].flat();
    const everyObserver = observers.every(({ id }) => (answers.get(id)?.length ?? 0) > 0 && !problems.has(id));
    if (!everyObserver || !all.every((observation) => observation.agrees)) return;
    ports.ledger.append({ kind: 'change.observed', hash, observations: all });
    observed = true;
  }

  async function tick(): Promise<void> {
    const age = ports.clock.now() - acceptedAtMs;
    ticks += 1;
    if (busy || stop.signal.aborted || (age > objectiveMs && ticks % SLOW_EVERY !== 0 && overdueTold)) return;
    busy = true;
    const before = stateText();
    try {
      if (!served) await lookAtServed();
      if (!observed) await lookAtInstances();
    } catch (error) {
      // The ledger could not be written; what was seen is seen again at the next look.
      ports.log.error('change.watch-failed', { hash, error: String(error) });
    } finally {
      busy = false;
    }
    const overdue = age > objectiveMs && !(served && observed);
    if (stop.signal.aborted) return;
    if (stateText() !== before || overdue !== overdueTold) onNews();
    overdueTold = overdue;
    if ((served && observed) || age > PROPAGATION_LIMIT_MS) timer.dispose();
  }

  const stateText = (): string => JSON.stringify([served, observed, [...answers], [...problems]]);
  const timer = ports.clock.every(PACE_MS, tick);
  void first.then(tick);
  return {
    observations: () => [...answers.values()].flat(),
    problem: () => (served && observed ? null : ([...problems.values()][0] ?? null)),
    dispose() {
      stop.abort(new ScramError('cancelled', 'the watch ended'));
      timer.dispose();
    },
  };
}
