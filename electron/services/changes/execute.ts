import type { Change, ChangePayload } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import type { FlagConnection } from '../flags/api.ts';
import type { FlagProvider, ProviderFlag } from '../flags/provider.ts';
import type { Permit } from '../approvals/api.ts';
import type { Actor } from '../signing/actor.ts';
import type { ExecuteOptions } from './api.ts';
import { permitOf, refusalOf } from './checks.ts';
import { Patience } from './patience.ts';
import type { ChangePorts } from './ports.ts';
import { ANSWER_LIMIT_MS, answerLimitMs, isLimit, readEach } from './read-each.ts';
import { settle, type Settled } from './reconcile.ts';
import {
  certain,
  foundOut,
  notWritten,
  reasonToStop,
  requestOf,
  type Result,
  resultEntry,
  seconds,
  unknownOutcome,
  wordsOf,
} from './results.ts';
import { within } from '../time-limit.ts';

/** Flags that are read again in one go before each is written by itself. */
const READ_AT_ONCE = 50;

/** What was found to be allowed is taken to be so for this long, milliseconds. */
const CHECK_HOLDS_MS = 1_000;

/** Answers to a bulk write that one of the flags may have caused: the others are then written by themselves. */
const OF_ONE_FLAG: ReadonlySet<ErrorCode> = new Set(['conflict', 'not-found', 'refused', 'approval-required']);

/** Told of each change as soon as it has its result: null when accepted, else what kept it from that. */
export type OnDone = (hash: string, failure: unknown) => void;

/**
 * Executes what was previewed, or nothing (B2), in order: checks, reads the state again, journals the intent, writes,
 * journals the result; what goes wrong with one change keeps none of the others. Every way out past the checks leaves a
 * result in the ledger, except one: the outcome is unknown and the provider cannot be read. The intent then stands alone
 * and is settled later (see `reconcile.ts`). Throws `ledger` when something cannot be journalled, and `cancelled` when
 * the signal aborts before a write; what has no result by then was not begun.
 */
export async function executeChanges(
  ports: ChangePorts,
  changes: readonly Change[],
  options: ExecuteOptions,
  done: OnDone,
): Promise<void> {
  const execution = new Execution(ports, options, done, changes.length > 1);
  for (const chunk of chunksOf(ports, changes)) await execution.run(chunk);
}

/** Neighbours of the same connection, as many as one write may change where it has a bulk write. */
function chunksOf(ports: ChangePorts, changes: readonly Change[]): Change[][] {
  const chunks: Change[][] = [];
  for (const change of changes) {
    const last = chunks.at(-1);
    const first = last?.[0]?.payload;
    const near = first?.connection === change.payload.connection && first.environment === change.payload.environment;
    if (last && near && last.length < chunkSize(ports, first)) last.push(change);
    else chunks.push([change]);
  }
  return chunks;
}

function chunkSize(ports: ChangePorts, { connection }: ChangePayload): number {
  const provider = connectionOrError(ports, connection);
  return provider instanceof Error ? READ_AT_ONCE : (bulkOf(provider.provider) ?? READ_AT_ONCE);
}

function bulkOf({ capabilities, applyAll }: FlagProvider): number | null {
  return applyAll !== undefined && capabilities.bulk !== null && capabilities.bulk > 1 ? capabilities.bulk : null;
}

class Execution {
  readonly #ports: ChangePorts;
  readonly #options: ExecuteOptions;
  readonly #done: OnDone;
  readonly #patience: Patience;
  readonly #signer: Actor | null;
  /** Results that are known and not yet on disk; nothing is waited for meanwhile. */
  readonly #unwritten: Result[] = [];
  /** What allowed each change that began. */
  readonly #permits = new Map<string, Permit>();
  #checkedAtMs = 0;

  constructor(ports: ChangePorts, options: ExecuteOptions, done: OnDone, several: boolean) {
    this.#ports = ports;
    this.#options = options;
    this.#done = done;
    this.#patience = new Patience(options.waitLimitMs);
    this.#signer = several ? null : (options.actor ?? null);
  }

  /** Changes of one connection and environment. */
  async run(changes: readonly Change[]): Promise<void> {
    this.#heed();
    const allowed = this.#checked(changes);
    const [first] = allowed;
    if (first === undefined) return;
    const connection = connectionOrError(this.#ports, first.payload.connection);
    if (connection instanceof Error) {
      return this.#results(allowed.map((change) => ({ change, outcome: 'failed', error: connection })));
    }
    const { open: found, readAtMs } = await this.#readAgain(connection, allowed);
    const open = this.#stillAllowed(found);
    if (open.length > 1 && bulkOf(connection.provider) !== null) return this.#write(connection, open, readAtMs);
    try {
      for (let left = open; left.length > 0; left = left.slice(1)) {
        this.#heed();
        left = this.#stillAllowed(left);
        await this.#write(connection, left.slice(0, 1), readAtMs);
      }
    } finally {
      this.#flush();
    }
  }

  #heed(cause?: unknown): void {
    if (!this.#options.signal.aborted) return;
    throw new ScramError('cancelled', 'cancelled before anything was written', { cause });
  }

  /** Those that policy lets run; the others get their result. */
  #checked(changes: readonly Change[]): Change[] {
    this.#checkedAtMs = this.#ports.clock.now();
    const refusals = changes.map((change) => this.#refusalOf(change));
    this.#results(
      changes.flatMap((change, index) => {
        const error = refusals[index];
        return error ? [{ change, outcome: 'refused', error }] : [];
      }),
    );
    return changes.filter((_, index) => refusals[index] === null);
  }

  /** What was waited for meanwhile took its time: whoever approved may have been revoked since (D1, D11). */
  #stillAllowed(changes: readonly Change[]): readonly Change[] {
    const agoMs = this.#ports.clock.now() - this.#checkedAtMs;
    return Math.abs(agoMs) < CHECK_HOLDS_MS ? changes : this.#checked(changes);
  }

  /** Asked again right before: an approval may have expired, or been revoked, since the beginning (D11). */
  #refusalOf(change: Change): ScramError | null {
    const refusal = refusalOf(this.#ports, change, this.#options.confirmedAtMs);
    if (refusal !== null) return refusal;
    const permit = permitOf(this.#ports, change, this.#options.actor ?? null);
    if (permit instanceof ScramError) return permit;
    this.#permits.set(change.hash, permit);
    return null;
  }

  /** Those that stand as they were previewed; the others get their result. */
  async #readAgain(
    { id, provider }: FlagConnection,
    changes: readonly Change[],
  ): Promise<{ readonly open: readonly Change[]; readonly readAtMs: number }> {
    const { signal } = this.#options;
    const environment = changes[0]?.payload.environment ?? '';
    const keys = changes.map(({ payload }) => payload.flag);
    let found: Map<string, ProviderFlag | Error>;
    let readAtMs: number;
    for (;;) {
      readAtMs = this.#ports.clock.now();
      try {
        found = await readEach(this.#ports, { connection: id, keys, environment }, signal);
        break;
      } catch (error) {
        // Cancelled before anything was done: the changes still stand as proposed.
        this.#heed(error);
        if (isLimit(error) && (await this.#waited(id, error))) continue;
        const said = isLimit(error) ? notWritten(error) : error;
        this.#results(changes.map((change) => ({ change, outcome: 'failed', error: said })));
        return { open: [], readAtMs };
      }
    }
    const stopped = changes.map((change) => reasonToStop(change, provider.kind, found.get(change.payload.flag)));
    this.#results(
      changes.flatMap((change, index) => {
        const stop = stopped[index];
        return stop ? [{ change, ...stop }] : [];
      }),
    );
    return { open: changes.filter((_, index) => stopped[index] === null), readAtMs };
  }

  /** Several only where the provider has a bulk write. */
  async #write(connection: FlagConnection, changes: readonly Change[], readAtMs: number): Promise<void> {
    // The result of the write before goes to disk with the intent of this one: one wait for the disk, not two.
    this.#flush(changes);
    // From here on the caller can no longer cancel: a write cut off half-way would have an unknown outcome.
    let left = changes;
    while (left.length > 0) {
      const answers = await this.#apply(connection.provider, left, readAtMs);
      const results: Result[] = [];
      const unsure = new Map<Change, unknown>();
      const limited = new Map<Change, ScramError>();
      for (const [index, change] of left.entries()) {
        const answer = answers[index];
        const outcome = answer === null ? 'accepted' : certain(answer);
        if (outcome !== null) results.push({ change, outcome, error: answer });
        else if (isLimit(answer)) limited.set(change, answer);
        else unsure.set(change, answer);
      }
      this.#unwritten.push(...results);
      if (unsure.size + limited.size > 0 || changes.length > 1) this.#flush();
      if (results.some(({ outcome }) => outcome === 'accepted')) this.#patience.renew(connection.id);
      if (unsure.size > 0) await this.#lookUp(connection, unsure);
      const [limit] = limited.values();
      if (limit === undefined) return;
      if (!(await this.#waited(connection.id, limit))) {
        return this.#results(
          [...limited].map(([change, error]) => ({ change, outcome: 'failed', error: notWritten(error) })),
        );
      }
      left = [...limited.keys()];
    }
  }

  /** One answer each, in order: null when acknowledged. */
  async #apply(provider: FlagProvider, changes: readonly Change[], readAtMs: number): Promise<readonly unknown[]> {
    const { clock } = this.#ports;
    const requests = changes.map((change) => requestOf(change, readAtMs));
    const [only] = requests;
    if (only === undefined) return [];
    if (requests.length === 1 || provider.applyAll === undefined) {
      try {
        await within(clock, ANSWER_LIMIT_MS, [], (limited) => provider.apply(only, limited));
        return [null];
      } catch (error) {
        return [error];
      }
    }
    try {
      // A method of the provider: called as one.
      return await within(clock, answerLimitMs(requests.length), [], async (limited) => {
        return (await provider.applyAll?.(requests, limited)) ?? [];
      });
    } catch (error) {
      if (!(error instanceof ScramError) || !OF_ONE_FLAG.has(error.code)) return changes.map(() => error);
      const answers: unknown[] = [];
      for (const change of changes) answers.push(...(await this.#apply(provider, [change], readAtMs)));
      return answers;
    }
  }

  /** The provider said nothing, or nothing clear. What is not certain is looked up before it is called failed. */
  async #lookUp({ id }: FlagConnection, unsure: ReadonlyMap<Change, unknown>): Promise<void> {
    const { log } = this.#ports;
    const failureOf = (change: Change): string => wordsOf(unsure.get(change));
    let settled: ReadonlyMap<string, Settled> = new Map();
    try {
      settled = await settle(this.#ports, [...unsure.keys()], new AbortController().signal, failureOf);
    } catch (unreadable) {
      if (unreadable instanceof ScramError && unreadable.code === 'ledger') throw unreadable;
      log.warn('change.outcome-unknown', { connection: id, changes: unsure.size, read: wordsOf(unreadable) });
    }
    for (const [change, error] of unsure) {
      const found = settled.get(change.hash);
      if (found === undefined) this.#done(change.hash, unknownOutcome(change.payload, error));
      else this.#done(change.hash, found.outcome === 'accepted' ? null : foundOut(found, error));
    }
  }

  /** True after the wait that a rate limit asks for; false when that is more than the patience left. */
  async #waited(connection: string, limit: ScramError): Promise<boolean> {
    const { signal, onWaiting } = this.#options;
    const waitMs = this.#patience.next(connection, limit.retryAfterMs);
    if (waitMs === null || signal.aborted) return false;
    onWaiting?.(`${connection} limits requests: going on in ${seconds(waitMs)}`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#ports.clock.after(waitMs, resolve);
    const abort = (): void => resolve();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      timer.dispose();
      signal.removeEventListener('abort', abort);
      onWaiting?.(null);
    }
    return !signal.aborted;
  }

  /** Journals them in one go, then tells. */
  #results(results: readonly Result[]): void {
    this.#unwritten.push(...results);
    this.#flush();
  }

  /** Journals the results that wait for it, and the intents that come after them, in one go; then tells. */
  #flush(intents: readonly Change[] = []): void {
    const results = this.#unwritten.splice(0);
    const begun = intents.map(({ hash }): EntryData => ({ kind: 'change.intent', hash, ...this.#permits.get(hash) }));
    // One change is begun by a person's signature. Several were begun by that of their batch, and what was begun goes on
    // when the console is locked meanwhile, as every result must be written down.
    const actor = results.length === 0 ? this.#signer : null;
    this.#ports.ledger.appendAll([...results.map(resultEntry), ...begun], actor);
    for (const { change, outcome, error } of results) this.#done(change.hash, outcome === 'accepted' ? null : error);
  }
}

function connectionOrError(ports: ChangePorts, id: string): FlagConnection | Error {
  try {
    return ports.flags.connection(id);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
