import type { Change, ChangePreview, ChangeProgress } from '../../../shared/model/change.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { message } from '../../../shared/model/text.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Disposable } from '../ports.ts';
import type { ChangeService } from './api.ts';
import { executeChange } from './execute.ts';
import { type ChangePorts, hashOfChange, type ProgressListener, refOf } from './ports.ts';
import { previewChange } from './preview.ts';
import { progressOf } from './progress.ts';
import { type ChangeRecord, projectChanges, recordsAfter } from './projection.ts';
import { PROPAGATION_LIMIT_MS, type PropagationWatch, watchPropagation } from './propagation.ts';
import { settle } from './reconcile.ts';
import { type RecoveryWatch, watchRecovery } from './recovery-watch.ts';
import { within } from './time-limit.ts';

/** Changes that one answer of `recent` carries at most. */
const RECENT = 200;
/** Pace at which an intent of unknown outcome is looked up again, milliseconds. */
const SETTLE_PACE_MS = 5_000;

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
export function createChangeService(ports: ChangePorts): ChangeService {
  const { ledger, clock, log } = ports;
  const records = projectChanges(ledger.all());
  const { running, previews } = sharedOf(ledger);
  const propagations = new Map<string, PropagationWatch>();
  const recoveries = new Map<string, RecoveryWatch>();
  const listeners = new Set<ProgressListener>();
  const find = (hash: string): ChangeRecord | undefined => records.get(hash);
  let disposed = false;
  let settling: Disposable | null = null;

  const subscription = ledger.onAppend(follow);

  /** Everything that a change sets off starts here, whoever appended the entry. */
  function follow(entry: Entry): void {
    const changed = recordsAfter(find, entry);
    for (const record of changed) records.set(record.change.hash, record);
    for (const record of changed) {
      const { data } = entry.body;
      if (data.kind === 'change.result' && data.hash === record.change.hash && record.stage === 'accepted') {
        accepted(record);
      }
    }
    for (const record of changed) tell(record.change.hash);
  }

  function accepted(record: ChangeRecord): void {
    const { payload } = record.change;
    if (payload.undoes !== null) {
      // What was to be proven no longer holds.
      recoveries.get(payload.undoes)?.abandon(message('recovery.change-undone'));
      recoveries.delete(payload.undoes);
    }
    for (const [hash, watch] of propagations) {
      const other = records.get(hash)?.change.payload;
      if (
        other?.flag === payload.flag &&
        other.connection === payload.connection &&
        other.environment === payload.environment
      ) {
        watch.dispose();
        propagations.delete(hash);
      }
    }
    // Noted before anything else reads the flag, so that the change is never taken for somebody else's.
    const noted = ports.flags
      .noteOurChange(refOf(payload), payload.environment, record.acceptedAtMs ?? clock.now())
      .catch((error) => log.warn('change.note-failed', { flag: payload.flag, error: String(error) }));
    watch(record, noted);
  }

  function watch(record: ChangeRecord, first?: Promise<void>): void {
    const { hash, payload } = record.change;
    const news = (): void => tell(hash);
    try {
      propagations.set(hash, watchPropagation(ports, record, news, first));
      // Only what takes a feature away is expected to heal an SLI.
      if (payload.after.killed) recoveries.set(hash, watchRecovery(ports, record, news));
    } catch (error) {
      log.error('change.watch-failed', { hash, error: String(error) });
    }
  }

  function progress(hash: string): ChangeProgress | null {
    const record = records.get(hash);
    if (record === undefined) return null;
    return progressOf(ports, record, {
      observations: propagations.get(hash)?.observations() ?? [],
      recoveries: recoveries.get(hash)?.recoveries() ?? [],
      problem: propagations.get(hash)?.problem() ?? null,
    });
  }

  function required(hash: string): ChangeProgress {
    const found = progress(hash);
    if (found === null) throw new ScramError('not-found', `no change ${hash} in this ledger`);
    return found;
  }

  function tell(hash: string): void {
    const now = disposed ? null : progress(hash);
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

  function propose(previewHash: string, rationale: string): Change {
    const found = previews.get(previewHash);
    if (found === undefined || clock.now() >= found.payload.expiresAtMs) {
      previews.delete(previewHash);
      throw new ScramError(found === undefined ? 'not-found' : 'expired', 'this preview is no longer valid', {
        action: 'look again, and decide anew',
      });
    }
    const { payload } = found;
    if (payload.demand.rationale && rationale.trim() === '') {
      throw new ScramError('refused', `policy of ${payload.environment} asks for a reason`, {
        action: 'give a reason',
      });
    }
    const hash = hashOfChange(ports, { payload, rationale });
    const known = records.get(hash);
    if (known !== undefined) return known.change;
    const change: Change = { hash, payload, rationale, proposedAtMs: clock.now() };
    ledger.append({ kind: 'change.proposed', change });
    return change;
  }

  async function execute(hash: string, signal: AbortSignal): Promise<ChangeProgress> {
    const record = records.get(hash);
    if (record === undefined) throw new ScramError('not-found', `no change ${hash} in this ledger`);
    let run = running.get(hash);
    if (run === undefined) {
      if (record.stage !== 'proposed') return required(hash);
      run = executeChange(ports, record.change, signal).finally(() => running.delete(hash));
      running.set(hash, run);
    }
    try {
      await run;
    } finally {
      if (records.get(hash)?.stage === 'requested') keepSettling();
    }
    return required(hash);
  }

  /** Looks up again, for as long as one is open, intents whose outcome could not be told. */
  function keepSettling(): void {
    if (disposed) return;
    settling ??= clock.every(SETTLE_PACE_MS, () => settleAll(null));
  }

  async function settleAll(signal: AbortSignal | null): Promise<void> {
    const open = (): ChangeRecord[] =>
      [...records.values()].filter(({ stage, change }) => stage === 'requested' && !running.has(change.hash));
    for (const { change } of open()) {
      if (disposed || signal?.aborted) return;
      try {
        const outer = signal === null ? [] : [signal];
        const outcome = await within(clock, SETTLE_PACE_MS, outer, (limited) => settle(ports, change, limited, null));
        log.info('change.reconciled', { hash: change.hash, outcome });
      } catch (error) {
        log.warn('change.reconcile-failed', { hash: change.hash, error: String(error) });
      }
    }
    if (open().length > 0) return keepSettling();
    settling?.dispose();
    settling = null;
  }

  /** Takes up the watches that an earlier run of the console left. */
  function resume(): void {
    for (const record of records.values()) {
      const { hash, payload } = record.change;
      if (record.acceptedAtMs === null || record.undoneBy !== null || propagations.has(hash)) continue;
      const young = clock.now() - record.acceptedAtMs < PROPAGATION_LIMIT_MS;
      const unproven = payload.after.killed && record.recoveries.length < payload.affectedSlis.length;
      if ((young && record.observedAtMs === null) || unproven) watch(record);
    }
  }

  return {
    preview,
    propose,
    execute,
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
    dispose() {
      disposed = true;
      subscription.dispose();
      settling?.dispose();
      for (const held of [...propagations.values(), ...recoveries.values()]) held.dispose();
      listeners.clear();
    },
  };
}
