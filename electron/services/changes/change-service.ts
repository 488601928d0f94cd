import type { Change, ChangePreview, ChangeProgress } from '../../../shared/model/change.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { message } from '../../../shared/model/text.ts';
import type { Actor } from '../signing/actor.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Disposable } from '../ports.ts';
import type { BulkChanges, ChangeService, ExecuteOptions } from './api.ts';
import { BatchRecords } from './batch-projection.ts';
import { missingReason, whyNotBegin } from './checks.ts';
import { genuineOf, isGenuine } from './genuine.ts';
import { Notes } from './notes.ts';
import { type ChangePorts, hashOfChange, type ProgressListener, refOf } from './ports.ts';
import { previewChange } from './preview.ts';
import { previewKills } from './preview-kills.ts';
import { progressOf } from './progress.ts';
import { ProviderApprovals } from './provider-approvals.ts';
import { type ChangeRecord, PROJECTED, projectChanges, recordsAfter } from './projection.ts';
import { PROPAGATION_LIMIT_MS } from './propagation.ts';
import { PropagationBoard } from './propagation-board.ts';
import { settle } from './reconcile.ts';
import { Runs } from './runs.ts';
import { RecoveryBoard } from './recovery-board.ts';
import { within } from '../time-limit.ts';

/** Changes that one answer of `recent` carries at most. */
const RECENT = 200;
/** Pace at which an intent of unknown outcome is looked up again, milliseconds. */
const SETTLE_PACE_MS = 5_000;
/** One change alone waits for a rate limit no longer than a person does, milliseconds. */
const WAIT_LIMIT_MS = 10_000;

/** What outlives the service of one configuration, in this process. */
interface Shared {
  /**
   * A new configuration builds a new service while the old one may still be executing, and neither a second execution
   * nor a reconciliation may come between its intent and its result.
   */
  readonly running: Map<string, Promise<void>>;
  /** A dialog that is open while the file is saved still works (C1): `execute` holds everything against the present. */
  readonly previews: Map<string, ChangePreview>;
}

const sharedByLedger = new WeakMap<Ledger, Shared>();

function sharedOf(ledger: Ledger): Shared {
  const known = sharedByLedger.get(ledger);
  if (known !== undefined) return known;
  const shared: Shared = { running: new Map(), previews: new Map() };
  sharedByLedger.set(ledger, shared);
  return shared;
}

/** The change pipeline (B2, B7, B14, A4) over the ledger. Call `reconcile` once after it is made. */
export function createChangeService(ports: ChangePorts): ChangeService & BulkChanges {
  const { ledger, clock, log } = ports;
  const batches = new BatchRecords();
  const records = projectChanges(genuineOf(ports, ledger.of(PROJECTED)), batches);
  const { running, previews } = sharedOf(ledger);
  const propagations = new PropagationBoard(ports, tell);
  const notes = new Notes(ports);
  const recoveries = new RecoveryBoard(ports, tell);
  const listeners = new Set<ProgressListener>();
  const approvals = new ProviderApprovals(ports, () => listeners.size > 0);
  const find = (hash: string): ChangeRecord | undefined => records.get(hash);
  const runs = new Runs(ports, running);
  let disposed = false;
  let settling: Disposable | null = null;

  const subscription = ledger.onAppend(follow);

  /** Everything that a change sets off starts here, whoever appended the entry. */
  function follow(entry: Entry): void {
    if (!isGenuine(ports, entry)) return;
    batches.apply(entry);
    const changed = recordsAfter(find, entry);
    for (const record of changed) records.set(record.change.hash, record);
    // Only what it executes itself still counts: everything else is its successor's.
    if (disposed) return;
    for (const record of isOwn(entry.body) ? changed : []) {
      const { data } = entry.body;
      if (data.kind === 'change.result' && data.hash === record.change.hash && record.stage === 'accepted') {
        accepted(record);
      }
      if (isOwn(record.change.payload)) approvals.add(record);
    }
    for (const record of changed) tell(record.change.hash);
  }

  function accepted(record: ChangeRecord): void {
    const { payload } = record.change;
    if (payload.undoes !== null) {
      // What was to be proven no longer holds.
      recoveries.abandon(payload.undoes, message('recovery.change-undone'));
    }
    // Noted before anything else reads the flag, so that the change is never taken for somebody else's.
    const noted = notes.add(refOf(payload), payload.environment, record.acceptedAtMs ?? clock.now());
    watch(record, noted);
  }

  function watch(record: ChangeRecord, noted: Promise<boolean>): void {
    const { hash, payload } = record.change;
    try {
      propagations.add(record, noted);
      // Only what takes a feature away is expected to heal an SLI.
      if (payload.after.killed) recoveries.add(record);
    } catch (error) {
      log.error('change.watch-failed', { hash, error: String(error) });
    }
  }

  function progress(hash: string): ChangeProgress | null {
    const record = records.get(hash);
    if (record === undefined) return null;
    return progressOf(ports, record, {
      observations: propagations.get(hash)?.observations() ?? [],
      recoveries: recoveries.recoveries(hash),
      problem: propagations.get(hash)?.problem() ?? null,
    });
  }

  function required(hash: string): ChangeProgress {
    const found = progress(hash);
    if (found === null) throw new ScramError('not-found', `no change ${hash} in this ledger`);
    return found;
  }

  /** Other consoles' changes are shown; settling and watching them is theirs (D8). */
  function isOwn({ device }: { readonly device: string }): boolean {
    return device === ledger.device;
  }

  function tell(hash: string): void {
    const now = disposed || listeners.size === 0 ? null : progress(hash);
    if (now !== null) for (const listener of [...listeners]) listener(now);
  }

  async function preview(
    request: Parameters<ChangeService['preview']>[0],
    signal: AbortSignal,
  ): Promise<ChangePreview> {
    const made = await previewChange(ports, find, request, signal);
    for (const [hash, old] of previews) if (clock.now() >= old.payload.expiresAtMs) previews.delete(hash);
    previews.set(made.hash, made);
    return made;
  }

  function propose(previewHash: string, rationale: string, actor: Actor | null = null): Change {
    const found = previews.get(previewHash);
    if (found === undefined || clock.now() >= found.payload.expiresAtMs) {
      previews.delete(previewHash);
      throw noLongerValid(found === undefined ? 'not-found' : 'expired');
    }
    const [change] = proposeAll([found], rationale, () => [], actor);
    if (change === undefined) throw new ScramError('internal', 'nothing was proposed');
    return change;
  }

  function proposeAll(
    made: readonly ChangePreview[],
    rationale: string,
    more: (changes: readonly Change[]) => readonly EntryData[],
    actor: Actor | null = null,
  ): readonly Change[] {
    const nowMs = clock.now();
    const all = made.map(({ payload }): Change => {
      if (nowMs >= payload.expiresAtMs) throw noLongerValid('expired');
      const forbidden = ports.fourEyes.whyNotMake(payload.demand, actor);
      if (forbidden !== null) throw forbidden;
      if (payload.demand.rationale && rationale.trim() === '') throw missingReason(payload);
      const hash = hashOfChange(ports, { payload, rationale });
      return records.get(hash)?.change ?? { hash, payload, rationale, proposedAtMs: nowMs };
    });
    const fresh = all.filter(({ hash }) => !records.has(hash));
    ledger.appendAll([...fresh.map((change): EntryData => ({ kind: 'change.proposed', change })), ...more(all)], actor);
    return all;
  }

  function requireMayBegin(hashes: readonly string[], actor: Actor | null = null, batch?: string): void {
    for (const hash of hashes) {
      const record = records.get(hash);
      const why = record?.stage === 'proposed' ? whyNotBegin(ports, record.change, actor, batch) : null;
      if (why !== null) throw why;
    }
  }

  async function execute(hash: string, signal: AbortSignal, actor: Actor | null = null): Promise<ChangeProgress> {
    const record = records.get(hash);
    if (record === undefined) throw new ScramError('not-found', `no change ${hash} in this ledger`);
    let run = running.get(hash);
    if (run === undefined) {
      if (record.stage !== 'proposed') return required(hash);
      requireMayBegin([hash], actor);
      const options = { signal, actor, confirmedAtMs: clock.now(), waitLimitMs: WAIT_LIMIT_MS };
      const started = runs.start([record.change], options);
      run = started.each.get(hash);
    }
    try {
      await run;
    } finally {
      if (records.get(hash)?.stage === 'requested') keepSettling();
    }
    return required(hash);
  }

  async function executeAll(hashes: readonly string[], options: ExecuteOptions): Promise<void> {
    const known = hashes.flatMap((hash) => records.get(hash) ?? []);
    const others = known.flatMap(({ change }) => running.get(change.hash) ?? []);
    const own = known.filter(({ stage, change }) => stage === 'proposed' && !running.has(change.hash));
    const started = runs.start(
      own.map(({ change }) => change),
      options,
    );
    try {
      await started.whole;
    } finally {
      if (hashes.some((hash) => records.get(hash)?.stage === 'requested')) keepSettling();
    }
    await Promise.allSettled(others);
  }

  /** Looks up again, for as long as one is open, intents whose outcome could not be told. */
  function keepSettling(): void {
    if (disposed) return;
    settling ??= clock.every(SETTLE_PACE_MS, () => settleAll(null));
  }

  async function settleAll(signal: AbortSignal | null): Promise<void> {
    const open = (): ChangeRecord[] =>
      [...records.values()].filter(
        ({ stage, change }) => stage === 'requested' && !running.has(change.hash) && isOwn(change.payload),
      );
    for (const group of Map.groupBy(open(), placeOf).values()) {
      if (disposed || signal?.aborted) return;
      const changes = group.map(({ change }) => change);
      try {
        const outer = signal === null ? [] : [signal];
        const outcomes = await within(clock, SETTLE_PACE_MS, outer, (limited) =>
          settle(ports, changes, limited, () => null),
        );
        for (const [hash, { outcome }] of outcomes) log.info('change.reconciled', { hash, outcome });
      } catch (error) {
        log.warn('change.reconcile-failed', { changes: changes.length, error: String(error) });
      }
    }
    // One that is still being executed may come to be of unknown outcome.
    if ([...records.values()].some(({ stage, change }) => stage === 'requested' && isOwn(change.payload))) {
      return keepSettling();
    }
    settling?.dispose();
    settling = null;
  }

  /** Takes up the watches that an earlier run of the console left. */
  function resume(): void {
    for (const record of records.values()) {
      const { hash, payload } = record.change;
      if (isOwn(payload)) approvals.add(record);
      if (!isOwn(payload) || record.acceptedAtMs === null || record.undoneBy !== null || propagations.get(hash))
        continue;
      const young = clock.now() - record.acceptedAtMs < PROPAGATION_LIMIT_MS;
      const unproven = payload.after.killed && record.recoveries.length < payload.affectedSlis.length;
      if ((young && record.observedAtMs === null) || unproven) watch(record, Promise.resolve(false));
    }
  }

  return {
    preview,
    propose,
    execute,
    previewKills: (refs, environment, signal) => previewKills(ports, refs, environment, signal),
    proposeAll,
    executeAll,
    requireMayBegin,
    record: find,
    batches,
    progress,
    recent({ environment, flag }) {
      const chosen = [...records.values()].reverse().filter(({ change: { payload } }) => {
        if (environment !== undefined && payload.environment !== environment) return false;
        return flag === undefined || (payload.connection === flag.connection && payload.flag === flag.key);
      });
      return chosen.slice(0, RECENT).map((record) => required(record.change.hash));
    },
    onProgress(listener) {
      const own: ProgressListener = (value) => listener(value);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    async reconcile(signal) {
      await settleAll(signal);
      resume();
    },
    idle: () => runs.idle(),
    dispose() {
      disposed = true;
      // What it is executing is followed to its result, which its callers are told.
      const idle = runs.idle();
      if (idle === null) subscription.dispose();
      else void idle.then(() => subscription.dispose());
      settling?.dispose();
      propagations.dispose();
      recoveries.dispose();
      approvals.dispose();
      listeners.clear();
    },
  };
}

function noLongerValid(code: 'not-found' | 'expired'): ScramError {
  return new ScramError(code, 'this preview is no longer valid', { action: 'look again, and decide anew' });
}

/** What is read together: one connection and environment. */
function placeOf({ change: { payload } }: ChangeRecord): string {
  return JSON.stringify([payload.connection, payload.environment]);
}
