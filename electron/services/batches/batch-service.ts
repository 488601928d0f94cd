import type { Batch, BatchItem, BatchPreview, BatchPreviewItem, BatchProgress } from '../../../shared/model/batch.ts';
import type { ChangePreview } from '../../../shared/model/change.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import type { Environment } from '../../../shared/model/environment.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { BatchRecord, BulkChanges, KillPreview } from '../changes/api.ts';
import type { FlagService } from '../flags/api.ts';
import type { Actor } from '../signing/actor.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Disposable, Ids, Log } from '../ports.ts';
import type { BatchService } from './api.ts';
import { killSetsOf, targetsOf, type Unfound } from './targets.ts';

export interface BatchPorts {
  readonly changes: BulkChanges;
  readonly flags: FlagService;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly environments: readonly Environment[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** SHA-256 over the canonical JSON of the value, as the change pipeline uses. */
  readonly hash: (value: unknown) => string;
}

/** A rate limit is waited for this long in a row, milliseconds: then the flag is given up, and the next one tried. */
const WAIT_LIMIT_MS = 2 * 60_000;
/** What happens to hundreds of flags within a moment is told once, milliseconds. */
const NEWS_PACE_MS = 100;
/** As long as a preview of one change. */
const PREVIEW_LIFETIME_MS = 5 * 60_000;

interface Prepared {
  readonly id: string;
  readonly preview: BatchPreview;
  readonly changes: readonly ChangePreview[];
}

/** What outlives the service of one configuration, in this process: a new one neither repeats nor forgets what runs. */
interface Shared {
  readonly previews: Map<string, Prepared>;
  readonly running: Map<string, Promise<void>>;
  /** Why a running batch waits. */
  readonly waiting: Map<string, string>;
  readonly onNews: Set<(hash: string) => void>;
}

const sharedByLedger = new WeakMap<Ledger, Shared>();

function sharedOf(ledger: Ledger): Shared {
  const known = sharedByLedger.get(ledger);
  if (known !== undefined) return known;
  const shared: Shared = { previews: new Map(), running: new Map(), waiting: new Map(), onNews: new Set() };
  sharedByLedger.set(ledger, shared);
  return shared;
}

/** Several kills confirmed as one (B4, B13), over the change pipeline. */
export function createBatchService(ports: BatchPorts): BatchService {
  const { changes, ledger, clock, log } = ports;
  const { previews, running, waiting, onNews } = sharedOf(ledger);
  const listeners = new Set<(progress: BatchProgress) => void>();
  const stale = new Set<string>();
  let telling: Disposable | null = null;
  const subscription = ledger.onAppend(follow);

  function follow({ body: { data } }: Entry): void {
    if (!('hash' in data)) return;
    if (changes.batches.get(data.hash)) news(data.hash);
    for (const batch of changes.batches.ofChange(data.hash)) news(batch);
  }

  function news(hash: string): void {
    if (listeners.size === 0) return;
    stale.add(hash);
    telling ??= clock.after(NEWS_PACE_MS, tell);
  }

  function tell(): void {
    telling?.dispose();
    telling = null;
    for (const hash of [...stale]) {
      stale.delete(hash);
      const now = progress(hash);
      if (now !== null) for (const listener of [...listeners]) listener(now);
    }
  }

  onNews.add(news);

  async function preview(...[environment, target, signal]: Parameters<BatchService['preview']>): Promise<BatchPreview> {
    const { name, items } = targetsOf(ports, environment, target);
    const refs = items.flatMap((item) => ('problem' in item ? [] : [item]));
    const made = await changes.previewKills(refs, environment, signal);
    const byRef = new Map(made.items.map((item) => [item.ref, item]));
    const list = items.map((item) => ('problem' in item ? unfoundItem(item) : itemOf(byRef.get(item), item)));
    const own = made.items.flatMap((item) => item.preview ?? []);
    const nowMs = clock.now();
    const id = ports.ids.next();
    const body = {
      name,
      environment,
      tone: ports.environments.find((one) => one.name === environment)?.tone ?? 'neutral',
      demand: made.demand,
      typedWord: environment,
      affectedServices: [...new Set(own.flatMap(({ payload }) => payload.affectedServices))].sort(),
      items: list,
      expiresAtMs: Math.min(nowMs + PREVIEW_LIFETIME_MS, ...own.map(({ payload }) => payload.expiresAtMs)),
    };
    const prepared: Prepared = { id, preview: { hash: ports.hash({ id, ...body }), ...body }, changes: own };
    for (const [hash, old] of previews) if (nowMs >= old.preview.expiresAtMs) previews.delete(hash);
    previews.set(prepared.preview.hash, prepared);
    return prepared.preview;
  }

  function itemOf(
    made: KillPreview | undefined,
    { connection, key }: { connection: string; key: string },
  ): BatchPreviewItem {
    const { read = null, preview: one = null, problem = null } = made ?? {};
    return {
      connection,
      flag: key,
      providerEnvironment: read?.providerEnvironment ?? null,
      critical: ports.flags.flag({ connection, key })?.critical ?? false,
      percentage: read?.state.percentage ?? null,
      serves: read?.state.serves ?? null,
      willServe: one?.payload.after.serves ?? null,
      preview: one?.hash ?? null,
      problem: problem === null ? null : { code: problem.code, message: problem.message },
    };
  }

  function propose(previewHash: string, rationale: string, actor: Actor | null = null): Batch {
    const found = previews.get(previewHash);
    if (found === undefined || clock.now() >= found.preview.expiresAtMs) {
      previews.delete(previewHash);
      throw new ScramError(found === undefined ? 'not-found' : 'expired', 'this preview is no longer valid', {
        action: 'look again, and decide anew',
      });
    }
    const { name, environment } = found.preview;
    if (found.changes.length === 0) {
      throw new ScramError('refused', `no flag of ${name} can be killed in ${environment}`, {
        action: 'see the reason beside each flag',
      });
    }
    let batch: Batch | undefined;
    changes.proposeAll(
      found.changes,
      rationale,
      (made) => {
        const body = { id: found.id, name, environment, changes: made.map(({ hash }) => hash), rationale };
        const hash = ports.hash(body);
        const earlier = changes.batches.get(hash)?.batch;
        batch = earlier ?? { hash, ...body, proposedAtMs: clock.now() };
        return earlier === undefined ? [{ kind: 'batch.proposed', batch }] : [];
      },
      actor,
    );
    if (batch === undefined) throw new ScramError('internal', 'nothing was proposed');
    return batch;
  }

  async function execute(hash: string, signal: AbortSignal, actor: Actor | null = null): Promise<BatchProgress> {
    const record = changes.batches.get(hash);
    if (record === undefined) throw new ScramError('not-found', `no bulk kill ${hash} in this ledger`);
    let run = running.get(hash);
    // One that began and does not run was interrupted: what was not begun is not begun by itself (B2).
    if (run === undefined && !record.began) {
      if (record.device !== ledger.device) {
        throw new ScramError('refused', 'it was proposed on another console, and is executed there alone');
      }
      changes.requireMayBegin(record.batch.changes, actor, hash);
      run = runOf(record, signal, actor).finally(() => running.delete(hash));
      running.set(hash, run);
    }
    try {
      await run;
    } finally {
      stale.add(hash);
      tell();
    }
    return required(hash);
  }

  async function runOf({ batch }: BatchRecord, signal: AbortSignal, actor: Actor | null = null): Promise<void> {
    const { hash } = batch;
    const { proposedAtMs: _, hash: __, ...body } = batch;
    if (ports.hash(body) !== hash) {
      throw new ScramError('ledger', `bulk kill ${hash} is not what its hash names; nothing was done`, {
        action: 'run scram ledger verify',
      });
    }
    ledger.append({ kind: 'batch.began', hash }, actor);
    const onWaiting = (words: string | null): void => {
      if (words === null) waiting.delete(hash);
      else waiting.set(hash, words);
      for (const told of onNews) told(hash);
    };
    try {
      await changes.executeAll(batch.changes, {
        signal,
        actor,
        confirmedAtMs: clock.now(),
        waitLimitMs: WAIT_LIMIT_MS,
        onWaiting,
      });
    } catch (error) {
      log.warn('batch.interrupted', { hash, error: String(error) });
      if (error instanceof ScramError && error.code === 'cancelled') return;
      throw error;
    }
    ledger.append({ kind: 'batch.ended', hash });
  }

  function progress(hash: string): BatchProgress | null {
    const record = changes.batches.get(hash);
    if (record === undefined) return null;
    const { batch } = record;
    const found = batch.changes.flatMap((change) => changes.record(change) ?? []);
    const open = found.some(({ stage }) => stage === 'proposed' || stage === 'requested');
    const state = stateOf(record, running.has(hash), open);
    const items = found.map(
      (change): BatchItem => ({
        change: change.change.hash,
        connection: change.change.payload.connection,
        flag: change.change.payload.flag,
        stage: change.stage,
        problem:
          change.problem ??
          (state === 'interrupted' && change.stage === 'proposed' ? 'not begun: the console stopped before it' : null),
        acceptedAtMs: change.acceptedAtMs,
        servedAtMs: change.servedAtMs,
        observedAtMs: change.observedAtMs,
      }),
    );
    return { batch, state, waiting: waiting.get(hash) ?? null, items };
  }

  function required(hash: string): BatchProgress {
    const found = progress(hash);
    if (found === null) throw new ScramError('not-found', `no bulk kill ${hash} in this ledger`);
    return found;
  }

  return {
    killSets: () => killSetsOf(ports),
    preview,
    propose,
    execute,
    progress,
    onProgress(listener) {
      const own = (value: BatchProgress): void => listener(value);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    dispose() {
      onNews.delete(news);
      subscription.dispose();
      telling?.dispose();
      listeners.clear();
    },
  };
}

function stateOf({ began, ended }: BatchRecord, runs: boolean, open: boolean): BatchProgress['state'] {
  if (runs) return 'running';
  if (!began) return 'proposed';
  // It may have stopped between the last result and its own end.
  return ended || !open ? 'done' : 'interrupted';
}

function unfoundItem({ key, problem }: Unfound): BatchPreviewItem {
  return {
    connection: '',
    flag: key,
    providerEnvironment: null,
    critical: false,
    percentage: null,
    serves: null,
    willServe: null,
    preview: null,
    problem: { code: problem.code, message: problem.message },
  };
}
