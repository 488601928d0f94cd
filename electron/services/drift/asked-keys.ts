/** Flags that one look asks an observer for, where each costs a request of its own. */
const MOST_PER_LOOK = 50;
/** Of these for flags that changed lately or drift; the rest keeps going round the others. */
const MOST_URGENT = 35;

export interface Candidates {
  /** Changed lately, killed from here, or drifting. */
  readonly urgent: ReadonlySet<string>;
  /** The others that are worth a look: those that services list. */
  readonly others: ReadonlySet<string>;
}

export interface Asked {
  readonly keys: readonly string[];
  /** Looks until each candidate has had its turn: an answer is fresh for that much longer. */
  readonly rounds: number;
}

/** Chooses by turns, so that a look costs the same however many flags there are. */
export class Turns {
  readonly #asked = new Map<string, number>();
  #look = 0;

  next({ urgent, others }: Candidates): Asked {
    this.#look += 1;
    for (const key of this.#asked.keys()) if (!urgent.has(key) && !others.has(key)) this.#asked.delete(key);
    const rest = [...others].filter((key) => !urgent.has(key));
    const room = Math.max(MOST_PER_LOOK - urgent.size, rest.length > 0 ? MOST_PER_LOOK - MOST_URGENT : 0);
    const first = this.#longestUnasked(urgent, MOST_PER_LOOK - Math.min(room, rest.length));
    const second = this.#longestUnasked(rest, MOST_PER_LOOK - first.length);
    for (const key of [...first, ...second]) this.#asked.set(key, this.#look);
    const rounds = Math.max(urgent.size / Math.max(first.length, 1), rest.length / Math.max(second.length, 1), 1);
    return { keys: [...first, ...second], rounds: Math.ceil(rounds) };
  }

  #longestUnasked(keys: Iterable<string>, most: number): string[] {
    const lastLook = (key: string): number => this.#asked.get(key) ?? 0;
    return [...keys].sort((a, b) => lastLook(a) - lastLook(b)).slice(0, most);
  }
}
