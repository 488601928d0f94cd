import { z } from 'zod';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { type AuditEntries, auditEntries, touchedBy } from './audit.ts';

/**
 * What is looked back on at each look, milliseconds: an entry may appear in the audit log a little later than the time
 * that it bears. Entries that were seen before are told apart by their ids.
 */
const OVERLAP_MS = 60_000;
/** The whole is read anyway after this long, milliseconds: a token may not be shown every entry. */
const WHOLE_EVERY_MS = 15 * 60_000;
const PAGES = 5;
/** With more changed flags the whole list costs less. */
const MOST_FLAGS = 60;

const markSchema = z.strictObject({ after: z.number(), seen: z.array(z.string()), wholeAt: z.number() });

/** Mark of a whole list that LaunchDarkly began to answer at `beganAtMs` by its own clock. */
export function markOf(beganAtMs: number, nowMs: number): string {
  return JSON.stringify({ after: beganAtMs - OVERLAP_MS, seen: [], wholeAt: nowMs });
}

export interface Changed {
  readonly keys: readonly string[];
  readonly mark: string;
}

/** Tells by the audit log which flags changed since a mark: one small answer when none did. */
export function createChanges({ api, project, clock }: { api: Api; project: string; clock: Clock }) {
  /** Environments ask at the same time for the same: they share the answer. */
  const underWay = new Map<number, Promise<AuditEntries & { atMs: number }>>();

  function entriesAfter(afterMs: number): Promise<AuditEntries & { atMs: number }> {
    const known = underWay.get(afterMs);
    if (known) return known;
    const atMs = clock.now();
    // Not tied to the signal of one of those who wait; the connection's own time limit ends it.
    const asked = auditEntries(api, project, afterMs, PAGES, new AbortController().signal)
      .then((found) => ({ ...found, atMs }))
      .finally(() => underWay.delete(afterMs));
    underWay.set(afterMs, asked);
    return asked;
  }

  /** Null: read the whole. */
  return async function changedSince(environment: string, mark: string, signal: AbortSignal): Promise<Changed | null> {
    const read = markSchema.safeParse(parsed(mark));
    if (!read.success || clock.now() - read.data.wholeAt > WHOLE_EVERY_MS) return null;
    const { after, seen, wholeAt } = read.data;
    const { entries, whole } = await entriesAfter(after);
    signal.throwIfAborted();
    if (!whole) return null;
    const known = new Set(seen);
    const fresh = entries.filter(({ _id }) => !known.has(_id));
    const touched = fresh.flatMap((entry) => touchedBy(entry, project));
    const keys = new Set(
      touched.filter((one) => one.environment === null || one.environment === environment).map(({ key }) => key),
    );
    if (keys.size > MOST_FLAGS) return null;
    // By their clock alone: the newest entry says how late it is there at least.
    const newest = Math.max(after + OVERLAP_MS, ...entries.map(({ date }) => date));
    const next = newest - OVERLAP_MS;
    const again = entries.filter(({ date }) => date > next).map(({ _id }) => _id);
    return { keys: [...keys], mark: JSON.stringify({ after: next, seen: again, wholeAt }) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
