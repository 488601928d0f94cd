import type { FlagState, FlagType, Variant } from '../../../shared/model/flag.ts';
import type { ProviderFlag } from './provider.ts';

/**
 * What is held of one flag in one environment. Small on purpose: there may be 50,000 (H4). The provider's definition is
 * not here; it is read when it is needed. Lists and texts that many flags share are shared (`Interner`).
 */
export interface Cell {
  readonly state: FlagState;
  readonly variants: readonly Variant[];
  readonly safeDefault: string | null;
  readonly description: string | null;
  readonly type: FlagType | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly stale: boolean;
  readonly lastSeenAtMs: number | null;
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
}

/** Keeps one copy of what is equal. */
export class Interner {
  readonly #texts = new Map<string, string>();
  readonly #variants = new Map<string, readonly Variant[]>();
  readonly #tags = new Map<string, readonly string[]>();

  text<T extends string | null>(text: T): T {
    if (text === null) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known as T;
    this.#texts.set(text, text);
    return text;
  }

  variants(json: string, make: () => readonly Variant[]): readonly Variant[] {
    return kept(this.#variants, json, make);
  }

  tags(json: string, make: () => readonly string[]): readonly string[] {
    return kept(this.#tags, json, make);
  }
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export function cellOf(flag: ProviderFlag, interner: Interner): Cell {
  const { state } = flag;
  return {
    state: { ...state, serves: interner.text(state.serves), targeting: interner.text(state.targeting) },
    variants: interner.variants(JSON.stringify(flag.variants), () => flag.variants),
    safeDefault: interner.text(flag.safeDefault),
    description: interner.text(flag.description),
    type: flag.type,
    owner: interner.text(flag.owner),
    tags: interner.tags(JSON.stringify(flag.tags), () => flag.tags),
    stale: flag.stale,
    lastSeenAtMs: flag.lastSeenAtMs,
    changedAtMs: flag.changedAtMs,
    changedBy: flag.changedBy,
  };
}

/** True when people and services would see the same state; a file that was only laid out anew is no change. */
export function sameState(a: FlagState, b: FlagState): boolean {
  return (
    a.exposure === b.exposure &&
    a.percentage === b.percentage &&
    a.serves === b.serves &&
    a.targeting === b.targeting &&
    a.killed === b.killed &&
    a.offMeaning === b.offMeaning
  );
}

/** True when nothing of the two differs that any view shows. */
export function sameCell(a: Cell, b: Cell): boolean {
  return (
    a.state.revision === b.state.revision &&
    sameState(a.state, b.state) &&
    a.safeDefault === b.safeDefault &&
    a.description === b.description &&
    a.type === b.type &&
    a.owner === b.owner &&
    a.variants === b.variants &&
    a.tags === b.tags &&
    a.stale === b.stale &&
    a.changedAtMs === b.changedAtMs &&
    a.changedBy === b.changedBy
  );
}
