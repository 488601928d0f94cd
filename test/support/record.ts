import type { Entry, EntryData } from '../../shared/model/entry.ts';
import type { ChangePayload } from '../../shared/model/change.ts';
import type { OutputOf, ParsedInputOf } from '../../shared/contract/index.ts';
import { aProgress } from './fake-backend.ts';

const hash = (index: number) => index.toString(16).padStart(64, '0');

export const HERE = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const THERE = 'b7e8f9001a2b3c4d5e6f708192a3b4c5';
const PEOPLE = ['alex', 'sam', 'robin'] as const;
const FLAGS = ['enable_new_pricing', 'ops_disable_recs', 'search_v2', 'checkout.payment-retry'] as const;

function change(index: number): { hash: string; payload: ChangePayload; rationale: string; proposedAtMs: number } {
  const flag = FLAGS[index % FLAGS.length] ?? FLAGS[0];
  const payload = { ...aProgress().change.payload, id: `change-${index}`, flag, device: HERE };
  return { hash: hash(0xc000_0000 + index), payload, rationale: 'p99 at 1.9 s', proposedAtMs: 0 };
}

/** One of each common kind in turn: a change with all that follows it, and what happens around it. */
function dataOf(index: number, atMs: number): EntryData {
  const of = Math.floor(index / 16);
  const subject = change(of);
  const person = { operator: PEOPLE[of % PEOPLE.length] ?? 'alex', key: '0123456789abcdef' };
  switch (index % 16) {
    case 0:
      return { kind: 'operator.unlocked', ...person, how: 'passphrase' };
    case 1:
      return { kind: 'breach.began', sli: 'checkout/p99', value: 1.9, objective: 0.6 };
    case 2:
      return {
        kind: 'flag.seen-changed',
        revision: hash(index),
        marker: {
          id: `m${index}`,
          kind: 'flag',
          atMs,
          approximate: false,
          environment: 'production',
          connection: 'flags-eu',
          subject: subject.payload.flag,
          services: ['checkout'],
          fromPercentage: 0,
          toPercentage: 20,
          ours: false,
          by: 'deploy-bot',
        },
      };
    case 3:
      return { kind: 'change.proposed', change: subject };
    case 4:
      return { kind: 'change.intent', hash: subject.hash };
    case 5: {
      const outcome = of % 9 === 8 ? 'conflict' : 'accepted';
      return { kind: 'change.result', hash: subject.hash, outcome, reconciled: false, detail: null };
    }
    case 6:
      return { kind: 'change.served', hash: subject.hash };
    case 7:
      return { kind: 'change.observed', hash: subject.hash, observations: [] };
    case 8:
      return { kind: 'breach.ended', sli: 'checkout/p99', value: 0.31 };
    case 9:
      return { kind: 'note.added', text: `Watching checkout after change ${of}`, incident: null };
    case 10:
      return {
        kind: 'notify.sent',
        target: 'room',
        event: 'change',
        ok: of % 5 !== 4,
        detail: of % 5 === 4 ? 'answered 500' : null,
      };
    case 11:
      return {
        kind: 'drift.began',
        connection: 'flags-eu',
        flag: subject.payload.flag,
        environment: 'staging',
        detail: 'serves on, intended off',
      };
    case 12:
      return { kind: 'drift.ended', connection: 'flags-eu', flag: subject.payload.flag, environment: 'staging' };
    case 13:
      return { kind: 'head.countersigned', heads: [{ device: THERE, sequence: index, hash: hash(index) }] };
    case 14:
      return of % 7 === 3 ? { kind: 'redacted' } : { kind: 'credential.set', name: 'flags-eu-admin' };
    default:
      return { kind: 'operator.locked', operator: person.operator, why: 'idle' };
  }
}

const NOTED = new Set([
  'breach.began',
  'breach.ended',
  'flag.seen-changed',
  'change.served',
  'change.observed',
  'drift.began',
  'drift.ended',
  'head.countersigned',
  'notify.sent',
  'change.result',
]);

/** A record of `count` entries by two consoles, oldest first, the last at `endMs`. */
export function recordOf(count: number, endMs: number): Entry[] {
  const sequences = new Map<string, number>();
  return Array.from({ length: count }, (_, index): Entry => {
    const device = Math.floor(index / 16) % 3 === 2 ? THERE : HERE;
    const sequence = (sequences.get(device) ?? 0) + 1;
    sequences.set(device, sequence);
    const atMs = endMs - (count - 1 - index) * 97_000;
    const data = dataOf(index, atMs);
    const operator = PEOPLE[Math.floor(index / 16) % PEOPLE.length] ?? 'alex';
    const by = { operator, key: '0123456789abcdef', signature: 'c2lnbmF0dXJl' };
    return {
      body: {
        version: 2,
        device,
        sequence,
        atMs,
        previous: hash(index),
        ...(NOTED.has(data.kind) ? {} : { by }),
        data,
      },
      hash: hash(index + 1),
      signature: 'c2lnbmF0dXJl',
    };
  });
}

/** What `ledger.timeline` answers from entries in memory, given oldest first. */
export function timelineOf(
  entries: readonly Entry[],
  query: ParsedInputOf<'ledger.timeline'>,
): OutputOf<'ledger.timeline'> {
  const { offset, limit, search, kinds, device, sinceMs, untilMs } = query;
  const words = search?.toLowerCase().split(/\s+/) ?? [];
  const found = entries.filter(({ body }) => {
    if (kinds && !kinds.includes(body.data.kind)) return false;
    if (device !== undefined && body.device !== device) return false;
    if (sinceMs !== undefined && body.atMs < sinceMs) return false;
    if (untilMs !== undefined && body.atMs > untilMs) return false;
    if (words.length === 0) return true;
    const text = JSON.stringify(body.data).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  found.sort((a, b) => b.body.atMs - a.body.atMs);
  return { total: found.length, entries: found.slice(offset, offset + limit) };
}
