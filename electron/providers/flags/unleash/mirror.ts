import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';
import type { FlagAnswer, ListRow } from './answers.ts';
import type { UnleashClient } from './client.ts';
import { EventCursor, type Move, type Position } from './events.ts';
import { exportAll } from './export.ts';
import { type Held, held, type LastChange, type Meta } from './normalise.ts';
import { agrees, environmentsOf, metaOf, ownerOf, seenIn, tagWords } from './taken-in.ts';

/** One flag with the environments of the connection, by the provider's names. */
export interface Read {
  readonly meta: Meta;
  readonly environments: ReadonlyMap<string, Held>;
  /** As it was answered, with the strategies' ids. */
  readonly answer: FlagAnswer;
}

export interface MirrorOptions {
  readonly client: UnleashClient;
  readonly clock: Clock;
  /** The provider's names of the connection's environments. */
  readonly environments: readonly string[];
  /** Whether many strategies are read at once by an export, which leaves an event in Unleash's log. */
  readonly mayExport: boolean;
}

/** A first reading of one list, for every environment of the connection. */
interface Sweep {
  readonly position: Promise<Position>;
  readonly rows: Promise<readonly ListRow[]>;
  readonly served: Set<string>;
  readonly startedAtMs: number;
}

/** Flags that are read one by one, each with all its environments: one request each. Beyond, an export is kinder. */
const MOST_SINGLE = 500;
/** Requests under way at once; the server's own pool has few connections to its database. */
const AT_ONCE = 6;
/** As many are read one by one sooner than the list of all is. */
const FEW = 12;
/** An environment that asks later than this reads the list anew, milliseconds. */
const SHARED_MS = 30_000;

/**
 * What was read of the project's flags, kept true by the event cursor: a flag that no event names since it was read, and that
 * the list (which has switches, but no strategies) shows as it was, need not be asked for again. One state machine: what is
 * held, what moved and what is under way belong together, so that no reading puts back what a move made old.
 */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #client: UnleashClient;
  readonly #clock: Clock;
  readonly events: EventCursor;
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #metas = new Map<string, Meta>();
  readonly #owners = new Map<string, string>();
  readonly #changes = new Map<string, LastChange>();
  /** Last move of a key, while reads are under way that may have been overtaken by it. */
  readonly #moved = new Map<string, number>();
  #reads = 0;
  #moves = 0;
  #sweep: Sweep | null = null;
  /** Flags that are being read for a sweep: environments that are swept side by side need the same ones. */
  readonly #sweeping = new Map<string, Promise<Read | null>>();
  /** Ends what several callers share, which none of them alone may cut off. */
  readonly #life = new AbortController();
  #segments: ReadonlyMap<number, string> = new Map();

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#clock = options.clock;
    this.events = new EventCursor(options.client, options.clock, (move) => this.#onMove(move));
    for (const environment of options.environments) this.#held.set(environment, new Map());
  }

  dispose(): void {
    this.#life.abort();
  }

  lastChange(key: string, environment: string): LastChange | null {
    return this.#changes.get(`${environment}\n${key}`) ?? this.#changes.get(`\n${key}`) ?? null;
  }

  segmentName(id: number): string {
    return this.#segments.get(id) ?? `#${id}`;
  }

  meta(key: string): Meta {
    return this.#metas.get(key) ?? { type: null, description: null, stale: false, owner: null, tags: [] };
  }

  /** What it holds of a flag, without asking. */
  held(key: string, environment: string): Held | undefined {
    return this.#held.get(environment)?.get(key);
  }

  /** Forgets what it holds of a flag: it is about to be another. */
  invalidate(key: string): void {
    this.#moves += 1;
    if (this.#reads > 0) this.#moved.set(key, this.#moves);
    for (const flags of this.#held.values()) flags.delete(key);
  }

  /** A flag's environment was switched; its strategies are as they were. The list proves it before it is relied on. */
  switched(key: string, environment: string, enabled: boolean): void {
    this.#moves += 1;
    if (this.#reads > 0) this.#moved.set(key, this.#moves);
    const flags = this.#held.get(environment);
    const read = flags?.get(key);
    if (read && read.definition.enabled !== enabled) {
      flags?.set(key, held({ ...read.definition, enabled }, read.lastSeenAtMs));
    }
  }

  /** Every flag of one environment. Environments that ask together share the list, and the flags that are read singly. */
  async whole(
    environment: string,
    signal: AbortSignal,
  ): Promise<{ position: Position; flags: ReadonlyMap<string, Held> }> {
    const sweep = this.#sweepFor(environment);
    try {
      const position = await sweep.position;
      const rows = (await sweep.rows).filter((row) => row.environments.some(({ name }) => name === environment));
      signal.throwIfAborted();
      const flags = await this.#complete(rows, environment, signal);
      this.#drop(environment, flags);
      return { position, flags };
    } catch (error) {
      if (this.#sweep === sweep) this.#sweep = null;
      throw error;
    }
  }

  #sweepFor(environment: string): Sweep {
    const last = this.#sweep;
    const shared = last !== null && !last.served.has(environment) && this.#clock.now() - last.startedAtMs < SHARED_MS;
    const sweep = shared ? last : this.#newSweep();
    sweep.served.add(environment);
    this.#sweep = sweep.served.size === this.#options.environments.length ? null : sweep;
    return sweep;
  }

  #newSweep(): Sweep {
    const { signal } = this.#life;
    // Before the list: what happens in between is told again later, never lost.
    const position = this.events.now(signal);
    const rows = position.then(() => this.#list(signal));
    for (const promise of [position, rows]) promise.catch(() => undefined);
    return { position, rows, served: new Set(), startedAtMs: this.#clock.now() };
  }

  async #list(signal: AbortSignal): Promise<readonly ListRow[]> {
    const [rows] = await Promise.all([this.#client.list(signal), this.#readSegments(signal)]);
    for (const row of rows) this.#note(row);
    return rows;
  }

  async #readSegments(signal: AbortSignal): Promise<void> {
    // Their names are for people; without the right to read them their numbers must do.
    this.#segments = await this.#client.segments(signal).catch(() => this.#segments);
  }

  #note(row: ListRow): void {
    this.#metas.set(row.name, metaOf(row, this.#owners.get(row.name) ?? null, (row.tags ?? []).map(tagWords)));
  }

  /** The rows' flags with their strategies, read where they are not held as the row shows them. */
  async #complete(
    rows: readonly ListRow[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Held>> {
    const mine = this.#held.get(environment) ?? new Map<string, Held>();
    const missing = rows.filter((row) => !agrees(row, environment, mine.get(row.name))).map(({ name }) => name);
    const found = new Map<string, Held>();
    let single: readonly string[] = missing;
    if (missing.length > MOST_SINGLE && this.#options.mayExport) {
      const exported = await exportAll(this.#client, environment, missing, signal);
      const doubted = new Set(exported.untold);
      for (const row of rows) {
        const known = exported.definitions.get(row.name);
        if (known === undefined) continue;
        const read = { ...known, lastSeenAtMs: seenIn(row, environment) };
        if (doubted.has(row.name) || !agrees(row, environment, read)) doubted.add(row.name);
        else found.set(row.name, read);
      }
      single = missing.filter((key) => !found.has(key));
    }
    const gone = new Set<string>();
    await this.#each(single, async (key) => {
      signal.throwIfAborted();
      const read = (await this.#sweepOne(key))?.environments.get(environment);
      if (read === undefined) gone.add(key);
      else found.set(key, read);
    });
    const flags = new Map<string, Held>();
    for (const row of rows) {
      if (gone.has(row.name)) continue;
      const read = found.get(row.name) ?? mine.get(row.name);
      if (read === undefined) continue;
      const lastSeenAtMs = seenIn(row, environment);
      const current = read.lastSeenAtMs === lastSeenAtMs ? read : { ...read, lastSeenAtMs };
      flags.set(row.name, current);
      mine.set(row.name, current);
    }
    return flags;
  }

  #sweepOne(key: string): Promise<Read | null> {
    const known = this.#sweeping.get(key);
    if (known) return known;
    const read = this.one(key, this.#life.signal, false).finally(() => this.#sweeping.delete(key));
    this.#sweeping.set(key, read);
    return read;
  }

  /** One flag at its source now; null when it is gone. Tags are known by the list and its events unless `withTags`. */
  async one(key: string, signal: AbortSignal, withTags = true): Promise<Read | null> {
    this.#reads += 1;
    const startedAt = this.#moves;
    try {
      const askTags = withTags && !this.#metas.has(key);
      const [answer, tags] = await Promise.all([
        this.#client.read(key, signal),
        askTags ? this.#client.tags(key, signal) : null,
      ]);
      const read = this.#toRead(answer, tags?.map(tagWords) ?? null);
      if ((this.#moved.get(key) ?? 0) <= startedAt) {
        for (const [environment, flags] of this.#held) {
          const mine = read.environments.get(environment);
          if (mine) flags.set(key, mine);
        }
      }
      return read;
    } catch (error) {
      if (!(error instanceof ScramError && error.code === 'not-found')) throw error;
      this.invalidate(key);
      return null;
    } finally {
      this.#reads -= 1;
      if (this.#reads === 0) this.#moved.clear();
    }
  }

  #toRead(answer: FlagAnswer, tags: readonly string[] | null): Read {
    const owner = ownerOf(answer);
    if (owner !== null) this.#owners.set(answer.name, owner);
    const meta = metaOf(answer, owner, tags ?? this.#metas.get(answer.name)?.tags ?? []);
    this.#metas.set(answer.name, meta);
    return { meta, environments: environmentsOf(answer, this.#options.environments), answer };
  }

  /** What moved in one environment since `seq`; null when that cannot be told, or is so much that the list is cheaper. */
  async since(
    seq: number,
    environment: string,
    signal: AbortSignal,
  ): Promise<{ position: Position; flags: ReadonlyMap<string, Held>; gone: readonly string[] } | null> {
    const position = await this.events.recent(this.#life.signal);
    const moves = this.events.since(seq);
    if (moves === null) return null;
    const keys = new Set<string>();
    for (const move of moves) {
      if (move.key === null) return null;
      if (move.environment === null || move.environment === environment) keys.add(move.key);
    }
    if (keys.size > MOST_SINGLE && this.#unread([...keys], environment) > MOST_SINGLE) return null;
    const flags = keys.size === 0 ? new Map<string, Held>() : await this.many([...keys], environment, signal);
    return { position, flags, gone: [...keys].filter((key) => !flags.has(key)) };
  }

  #unread(keys: readonly string[], environment: string): number {
    const mine = this.#held.get(environment);
    return keys.filter((key) => !mine?.has(key)).length;
  }

  /**
   * Several at their source now, in two requests where nothing happened to them: the events since they were read, and the
   * list, which proves their switches. Those of which either tells something else are read one by one.
   */
  async many(keys: readonly string[], environment: string, signal: AbortSignal): Promise<ReadonlyMap<string, Held>> {
    const found = new Map<string, Held>();
    const single = async (key: string) => {
      const read = (await this.one(key, signal))?.environments.get(environment);
      if (read) found.set(key, read);
    };
    if (keys.length <= FEW) {
      await this.#each(keys, single);
      return found;
    }
    const [, rows] = await Promise.all([this.events.now(this.#life.signal), this.#client.list(signal)]);
    const listed = new Map(rows.map((row) => [row.name, row]));
    const mine = this.#held.get(environment) ?? new Map<string, Held>();
    const unsure: string[] = [];
    for (const key of keys) {
      const row = listed.get(key);
      const read = mine.get(key);
      if (row === undefined) continue;
      this.#note(row);
      if (read && agrees(row, environment, read)) found.set(key, read);
      else unsure.push(key);
    }
    await this.#each(unsure, single);
    return found;
  }

  async #each(keys: readonly string[], run: (key: string) => Promise<unknown>): Promise<void> {
    const open = keys.values();
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, keys.length) }, async () => {
        for (const key of open) await run(key);
      }),
    );
  }

  /** Flags that the list does not show any more. */
  #drop(environment: string, flags: ReadonlyMap<string, Held>): void {
    const mine = this.#held.get(environment);
    for (const key of mine?.keys() ?? []) if (!flags.has(key)) mine?.delete(key);
  }

  #onMove({ key, environment, switched, change }: Move): void {
    if (key === null) {
      for (const flags of this.#held.values()) flags.clear();
      return;
    }
    this.#changes.set(`${environment ?? ''}\n${key}`, change);
    if (switched !== null && environment !== null) {
      this.switched(key, environment, switched);
      return;
    }
    this.invalidate(key);
    // What the list says of it, tags included, may be another; environments move without it.
    if (environment === null) this.#metas.delete(key);
  }
}
