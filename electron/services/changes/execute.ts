import type { Change } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import { demandFor } from '../../../shared/rules/policy.ts';
import { type ChangePorts, hashOfChange, refOf } from './ports.ts';
import { sourceMoved } from './preview.ts';
import { settle } from './reconcile.ts';
import { within } from './time-limit.ts';

/** How long a provider may take to answer; the outcome of a write is looked for by reading after that. Milliseconds. */
const ANSWER_LIMIT_MS = 15_000;

type Outcome = Extract<EntryData, { kind: 'change.result' }>['outcome'];

/** Answers of a provider that say by themselves that nothing was written. */
const NOTHING_WRITTEN: Readonly<Partial<Record<ErrorCode, Outcome>>> = {
  conflict: 'conflict',
  'not-found': 'conflict',
  refused: 'refused',
  credential: 'failed',
};

/**
 * Executes what was previewed, or nothing (B2): checks, reads the state again, journals the intent, writes, journals
 * the result. Every way out past the checks leaves a result in the ledger, except one: the outcome is unknown and the
 * provider cannot be read. The intent then stands alone and is settled later (see `reconcile.ts`).
 */
export async function executeChange(ports: ChangePorts, change: Change, signal: AbortSignal): Promise<void> {
  const { payload, hash } = change;
  if (hashOfChange(ports, change) !== hash) {
    throw new ScramError('ledger', `change ${hash} is not what its hash names; nothing was done`, {
      action: 'run scram ledger verify',
    });
  }
  checkPolicy(ports, change);
  const ref = refOf(payload);
  const { provider } = connectionOf(ports, change);
  const read = await readAgain(ports, change, signal);
  const moved =
    sourceMoved(payload, provider.kind, read) ??
    (read.state.revision === payload.before.revision
      ? null
      : `${ref.key} in ${payload.environment} changed after the preview; nothing was written`);
  if (moved !== null) {
    throw journalled(
      ports,
      hash,
      'conflict',
      new ScramError('conflict', moved, { action: 'look again, and decide anew' }),
    );
  }

  ports.ledger.append({ kind: 'change.intent', hash });
  // From here on the caller can no longer cancel: a write cut off half-way would have an unknown outcome.
  const { environment, write, before } = payload;
  const request = { key: ref.key, environment, expectRevision: before.revision, write, comment: commentOf(change) };
  try {
    await within(ports.clock, ANSWER_LIMIT_MS, [], (limited) => provider.apply(request, limited));
  } catch (error) {
    await failedApply(ports, change, error);
    return;
  }
  ports.ledger.append({ kind: 'change.result', hash, outcome: 'accepted', reconciled: false, detail: null });
}

function checkPolicy(ports: ChangePorts, change: Change): void {
  const { payload, hash } = change;
  const refuse = (error: ScramError): never => {
    throw journalled(ports, hash, 'refused', error);
  };
  if (ports.clock.now() >= payload.expiresAtMs) {
    refuse(
      new ScramError('expired', 'the preview is older than five minutes', { action: 'look again, and decide anew' }),
    );
  }
  // Policy as it stands now counts beside what the preview showed: neither may be gone around.
  const now = demandFor({
    policy: ports.config.policy,
    environment: payload.environment,
    action: payload.action,
    flag: { critical: ports.flags.flag(refOf(payload))?.critical ?? false },
    killsAfter: payload.after.killed,
  });
  if (Math.max(now.people, payload.demand.people) > 1) {
    refuse(
      new ScramError(
        'refused',
        `policy of ${payload.environment} asks for two people; approvals by a second person are not in this version`,
        {
          action: `change it where the flag is managed, or set people: 1 under policy.${payload.environment} in scram.yaml`,
        },
      ),
    );
  }
  if (now.typed && !payload.demand.typed) {
    refuse(
      new ScramError('refused', `policy of ${payload.environment} asks to type the flag's name since the preview`, {
        action: 'look again, and decide anew',
      }),
    );
  }
  if ((now.rationale || payload.demand.rationale) && change.rationale.trim() === '') {
    refuse(
      new ScramError('refused', `policy of ${payload.environment} asks for a reason`, { action: 'give a reason' }),
    );
  }
}

function connectionOf(ports: ChangePorts, change: Change): ReturnType<ChangePorts['flags']['connection']> {
  try {
    return ports.flags.connection(change.payload.connection);
  } catch (error) {
    throw journalled(ports, change.hash, 'failed', error);
  }
}

async function readAgain(
  ports: ChangePorts,
  change: Change,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ChangePorts['flags']['readNow']>>> {
  const { environment } = change.payload;
  try {
    return await within(ports.clock, ANSWER_LIMIT_MS, [signal], (limited) =>
      ports.flags.readNow(refOf(change.payload), environment, limited),
    );
  } catch (error) {
    // Cancelled before anything was done: the change still stands as proposed.
    if (signal.aborted) throw new ScramError('cancelled', 'cancelled before anything was written', { cause: error });
    const gone = error instanceof ScramError && error.code === 'not-found';
    throw journalled(ports, change.hash, gone ? 'conflict' : 'failed', error);
  }
}

/** The provider said no, or said nothing. What is not certain is looked up before it is called failed. */
async function failedApply(ports: ChangePorts, change: Change, error: unknown): Promise<void> {
  const { hash, payload } = change;
  const certain = error instanceof ScramError ? NOTHING_WRITTEN[error.code] : undefined;
  if (certain !== undefined) throw journalled(ports, hash, certain, error);
  let outcome: Outcome;
  try {
    outcome = await within(ports.clock, ANSWER_LIMIT_MS, [], (limited) =>
      settle(ports, change, limited, wordsOf(error)),
    );
  } catch (unreadable) {
    ports.log.warn('change.outcome-unknown', { hash, apply: wordsOf(error), read: wordsOf(unreadable) });
    throw new ScramError(
      'unreachable',
      `${payload.connection} did not answer the write of ${payload.flag}, and cannot be read: whether ${payload.environment} changed is not known`,
      {
        action: 'keep watching this change: it is settled as soon as the provider can be read',
        cause: error,
        retryable: false,
      },
    );
  }
  if (outcome !== 'accepted') throw error;
}

/** Appends the result, then gives the error back to be thrown. */
function journalled(ports: ChangePorts, hash: string, outcome: Outcome, error: unknown): unknown {
  ports.ledger.append({ kind: 'change.result', hash, outcome, reconciled: false, detail: wordsOf(error) });
  return error;
}

/** What providers keep beside the change, where they can. */
function commentOf({ rationale, hash }: Change): string {
  return `${rationale.trim() === '' ? 'Scram' : rationale.trim()} (scram change ${hash.slice(0, 12)})`;
}

/** Words for the ledger: our own errors' alone, since a foreign message may carry anything. */
function wordsOf(error: unknown): string {
  return error instanceof ScramError ? error.message : 'unexpected error';
}
