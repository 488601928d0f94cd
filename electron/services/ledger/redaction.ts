import type { Entry, EntryData, EntryKind } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Trust } from './api.ts';
import type { Place } from './claims.ts';
import { entryOf } from './entry-row.ts';
import type { LedgerRow, LedgerStore } from './store.ts';

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

type Data<K extends EntryKind> = Extract<EntryData, { kind: K }>;
/** Every entry of a kind, whosever chain it is in. */
type Entries = <K extends EntryKind>(kind: K) => Data<K>[];
type WhyNot<K extends EntryKind> = (data: Data<K>, all: Entries, nowMs: number, atMs: number) => string | null;

/**
 * Kinds that hold words of people, and why their words must stay for now; null when they may go. What the console decides
 * by stays as long as it does: with it gone, a freeze would be lifted, a withdrawn approval live again, or a review that
 * is due be forgotten. Rosters, intents, results and keys hold no words, and stay for ever.
 */
const REDACTABLE: { readonly [K in EntryKind]?: WhyNot<K> } = {
  'note.added': () => null,
  'change.proposed': ({ change }, all, nowMs) => changeOpen(change.hash, change.payload.expiresAtMs, all, nowMs),
  'batch.proposed': ({ batch }, all) =>
    all('batch.ended').some(({ hash }) => hash === batch.hash) ? null : 'the bulk kill has not ended',
  'approval.requested': ({ request }, _, nowMs) => live(request.body.expiresAtMs, nowMs),
  'approval.decided': ({ decision }, _, nowMs) => live(decision.body.expiresAtMs, nowMs),
  'approval.imported': ({ request, decision }, _, nowMs) =>
    live(Math.max(request?.body.expiresAtMs ?? 0, decision?.body.expiresAtMs ?? 0), nowMs),
  'approval.ended': ({ request }, all, nowMs, atMs) => {
    const ended = all('approval.requested').find((one) => one.request.hash === request);
    return live(ended?.request.body.expiresAtMs ?? atMs + MONTH_MS, nowMs);
  },
  'breakglass.opened': ({ glass }, all) =>
    all('breakglass.reviewed').some(({ id }) => id === glass.id) ? null : 'nobody has reviewed the break-glass yet',
  'breakglass.reviewed': ({ id }, all) =>
    all('breakglass.opened').some(({ glass }) => glass.id === id) ? 'redact its break-glass first' : null,
  'incident.opened': ({ incident }, all) =>
    all('incident.closed').some(({ id }) => id === incident.id) ? null : 'the incident is still open',
  'incident.closed': ({ id }, all) =>
    all('incident.opened').some(({ incident }) => incident.id === id)
      ? 'redact the opening of its incident first'
      : null,
  'freeze.overridden': ({ incident: id }, all) =>
    all('incident.opened').some(({ incident }) => incident.id === id) &&
    !all('incident.closed').some((closed) => closed.id === id)
      ? 'its incident is still open'
      : null,
};

/** Kinds whose entries end what another began. */
const CLOSING: ReadonlySet<EntryKind> = new Set<EntryKind>(['breakglass.reviewed', 'incident.closed']);

function live(expiresAtMs: number, nowMs: number): string | null {
  return nowMs >= expiresAtMs ? null : 'the request has not expired';
}

function changeOpen(hash: string, expiresAtMs: number, all: Entries, nowMs: number): string | null {
  if (all('change.result').some((result) => result.hash === hash && result.outcome !== 'approval-required'))
    return null;
  if (all('change.intent').some((intent) => intent.hash === hash)) return 'the change has not ended';
  const asked = all('approval.requested').filter(({ request }) => request.body.subject.hash === hash);
  const untilMs = Math.max(expiresAtMs, ...asked.map(({ request }) => request.body.expiresAtMs));
  return nowMs >= untilMs ? null : 'the change has not ended';
}

/** Whether the entry is of a kind whose words can be taken away, and keeps them apart from its chain. */
export function isRedactable({ body }: Entry): boolean {
  return body.version === 2 && REDACTABLE[body.data.kind] !== undefined;
}

/** The entry, when its words may be taken away now. Throws `not-found`, or `refused` saying why not. */
export function requireRedactable(store: LedgerStore, device: string, sequence: number, nowMs: number): Entry {
  const row = store.at(device, sequence);
  if (row === null) {
    const sealed = store.segments().some((one) => one.device === device && sequence >= one.from && sequence <= one.to);
    throw sealed
      ? new ScramError('refused', `entry ${sequence} lies in a sealed segment, which is not altered`)
      : new ScramError('not-found', `there is no entry ${sequence} of device ${device} here`);
  }
  const entry = entryOf(row);
  const { data, version, atMs } = entry.body;
  const refuse = (why: string) => new ScramError('refused', `entry ${sequence} cannot be redacted: ${why}`);
  if (data.kind === 'redacted') throw refuse('it was redacted before');
  if (version === 1) throw refuse('a version before this one wrote it, and its words are part of its hash');
  const rule = REDACTABLE[data.kind] as WhyNot<EntryKind> | undefined;
  if (rule === undefined) throw refuse(`an entry of kind ${data.kind} holds no words of people`);
  const why = rule(data, entriesOf(store, new Set()), nowMs, atMs);
  if (why !== null) throw refuse(why);
  return entry;
}

/**
 * Why the console still needs an entry where it is; null when it may be sealed away. `along` are the entries that are
 * sealed along with it: an end may leave together with its beginning, and never before it.
 */
export function whyNotEnded(store: LedgerStore, entry: Entry, along: readonly Entry[], nowMs: number): string | null {
  const { data, atMs } = entry.body;
  const rule = REDACTABLE[data.kind] as WhyNot<EntryKind> | undefined;
  if (rule === undefined) return null;
  const leaving = CLOSING.has(data.kind) ? new Set(along.map(({ hash }) => hash)) : new Set();
  return rule(data, entriesOf(store, leaving), nowMs, atMs);
}

/** Entries of a kind in every chain, without those that are leaving. */
function entriesOf(store: LedgerStore, leaving: ReadonlySet<unknown>): Entries {
  const found = new Map<EntryKind, EntryData[]>();
  return <K extends EntryKind>(kind: K) => {
    const known = found.get(kind) ?? [...store.ofKind(kind)].filter((row) => !leaving.has(row.hash)).map(readData);
    found.set(kind, known);
    return known.filter((data): data is Data<K> => data.kind === kind);
  };
}

function readData(row: LedgerRow): EntryData {
  return entryOf(row).body.data;
}

/** What redactions among entries of other devices name, where the person may redact. */
export function redactionsIn(entries: readonly Entry[], trust: Trust): Place[] {
  return entries.flatMap(({ body: { data, by } }) => {
    if (data.kind !== 'entry.redacted' || by === undefined || trust.mayRedact?.(by) !== true) return [];
    return [{ device: data.device, sequence: data.sequence, hash: data.hash }];
  });
}
