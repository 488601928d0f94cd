import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';
import { type EventAnswer, timeOf } from './answers.ts';
import type { EventPage, UnleashClient } from './client.ts';
import type { LastChange } from './normalise.ts';

/** Something that happened to a flag, in the order in which this console learnt of it. */
export interface Move {
  readonly seq: number;
  /** Null: to the project, so that any flag may be another. */
  readonly key: string | null;
  /** The provider's name; null: in every environment. */
  readonly environment: string | null;
  readonly change: LastChange;
  /** The environment was switched, and nothing else happened; null when it was something else. */
  readonly switched: boolean | null;
}

/** Where the log stood at one moment. */
export interface Position {
  readonly seq: number;
  readonly readAtMs: number;
}

/** Of the project, and without any bearing on what its flags are. */
const HARMLESS =
  /^(project-(updated|created|access|group|user|import)|api-token|segment|features-exported|addon|integration)/;

/** What leaves the flag as it was but for the switch of its environment. */
const SWITCHED: Readonly<Record<string, boolean>> = {
  'feature-environment-enabled': true,
  'feature-environment-disabled': false,
};

/** Beyond this everything is read anew, which costs less than page after page of events. */
const MOST_NEW = 2_000;
/** Events of one page; the server gives at most this many. */
const PAGE = 1_000;
/** Events are listed by the time at which they began, and show when they are done: late ones are looked for so far back. */
const LATE = 100;
/** Ids that are known, to tell late events from those that were told before. */
const KNOWN_IDS = 4_000;
/** Moves that are remembered for environments that look later. */
const REMEMBERED = 5_000;

/**
 * The project's event log as a cursor: one small conditional request tells that nothing happened (304: the same newest event
 * and the same `total`). Every change of a flag leaves an event with its name. Neither ids nor times tell what is new, since
 * both are given before an event shows; so the ids of the newest events are kept, and `total` says how many to look for.
 */
export class EventCursor {
  readonly #client: UnleashClient;
  readonly #clock: Clock;
  readonly #onMove: (move: Move) => void;
  /** The number of events, and the entity tag of the newest; null before the first look. */
  #at: { readonly total: number; readonly etag: string | null } | null = null;
  /** Ids of the newest events, oldest first. */
  readonly #known = new Set<number>();
  #seq = 0;
  /** Oldest first, without gaps from `#floor` on. */
  #moves: Move[] = [];
  #floor = 0;
  #looking: Promise<Position> | null = null;
  /** Asked for while a look was under way: that one may have asked before the caller's moment. */
  #next: Promise<Position> | null = null;

  constructor(client: UnleashClient, clock: Clock, onMove: (move: Move) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onMove = onMove;
  }

  /** Where the log stands; environments that look at the same time share one request. */
  recent(signal: AbortSignal): Promise<Position> {
    return this.#looking ?? this.now(signal);
  }

  /** Where the log stands after this call began. */
  now(signal: AbortSignal): Promise<Position> {
    if (this.#looking === null) return this.#start(signal);
    this.#next ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#start(signal);
      });
    return this.#next;
  }

  /** What happened after `seq`, oldest first; null when that is not remembered. */
  since(seq: number): readonly Move[] | null {
    if (seq < this.#floor || seq > this.#seq) return null;
    return this.#moves.filter((move) => move.seq > seq);
  }

  #start(signal: AbortSignal): Promise<Position> {
    const look = this.#look(signal).finally(() => {
      if (this.#looking === look) this.#looking = null;
    });
    this.#looking = look;
    return look;
  }

  async #look(signal: AbortSignal): Promise<Position> {
    const readAtMs = this.#clock.now();
    if (this.#at === null) {
      const page = await this.#page(0, LATE, signal);
      for (const { id } of [...page.events].reverse()) this.#known.add(id);
      this.#at = { total: page.total, etag: null };
      return { seq: this.#seq, readAtMs };
    }
    const { total, etag } = this.#at;
    const newest = await this.#client.newest(etag, signal);
    if (newest === null) return { seq: this.#seq, readAtMs };
    const [top] = newest.page.events;
    refuseUnread(newest.page);
    if (newest.page.total !== total || (top !== undefined && !this.#known.has(top.id))) {
      const fresh = await this.#fresh(newest.page.total - total, total, signal);
      if (fresh === null) {
        const page = await this.#page(0, LATE, signal);
        this.#forget(page.events);
        this.#at = { total: page.total, etag: null };
        return { seq: this.#seq, readAtMs };
      }
      for (const event of fresh) this.#add(event);
    }
    this.#at = { total: newest.page.total, etag: newest.etag };
    return { seq: this.#seq, readAtMs };
  }

  async #page(offset: number, limit: number, signal: AbortSignal): Promise<EventPage> {
    const page = await this.#client.events({ offset, limit }, signal);
    if (offset === 0) refuseUnread(page);
    return page;
  }

  /** Events that are not known yet, oldest first; null when they cannot be told apart from those before. */
  async #fresh(wanted: number, before: number, signal: AbortSignal): Promise<readonly EventAnswer[] | null> {
    if (wanted > MOST_NEW) return null;
    const limit = Math.min(PAGE, Math.max(0, wanted) + LATE);
    const listed: EventAnswer[] = [];
    for (let offset = 0; offset <= MOST_NEW + LATE; offset += limit) {
      const { events } = await this.#page(offset, limit, signal);
      listed.push(...events);
      // What is older than every known one is not new, unless nothing was known.
      const end = listed.findLastIndex(({ id }) => this.#known.has(id));
      const fresh = listed.slice(0, before === 0 ? undefined : end + 1).filter(({ id }) => !this.#known.has(id));
      if (fresh.length >= wanted && (end >= 0 || before === 0)) return fresh.reverse();
      if (events.length < limit) return null;
    }
    return null;
  }

  #add(event: EventAnswer): void {
    this.#known.add(event.id);
    if (this.#known.size > KNOWN_IDS) {
      for (const id of [...this.#known].slice(0, KNOWN_IDS / 4)) this.#known.delete(id);
    }
    const key = event.featureName ? event.featureName : null;
    if (key === null && HARMLESS.test(event.type)) return;
    this.#seq += 1;
    const move: Move = {
      seq: this.#seq,
      key,
      environment: event.environment ? event.environment : null,
      switched: SWITCHED[event.type] ?? null,
      change: { atMs: timeOf(event.createdAt) ?? this.#clock.now(), by: event.createdBy ?? null },
    };
    this.#moves.push(move);
    if (this.#moves.length > REMEMBERED) {
      const dropped = this.#moves.splice(0, REMEMBERED / 5);
      this.#floor = dropped.at(-1)?.seq ?? this.#floor;
    }
    this.#onMove(move);
  }

  /** Too much happened, or the log was put back: everything may be another. */
  #forget(newest: readonly EventAnswer[]): void {
    this.#seq += 1;
    this.#moves = [];
    this.#floor = this.#seq;
    this.#known.clear();
    for (const { id } of [...newest].reverse()) this.#known.add(id);
    const change = { atMs: this.#clock.now(), by: null };
    this.#onMove({ seq: this.#seq, key: null, environment: null, switched: null, change });
  }
}

/** Where its database fails, Unleash counts events and lists none. */
function refuseUnread({ events, total }: EventPage): void {
  if (events.length > 0 || total === 0) return;
  throw new ScramError('provider', `Unleash has ${total} events and lists none of them: its log cannot be read`, {
    action: 'Look at the log of the Unleash server.',
    retryable: true,
  });
}
