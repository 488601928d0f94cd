import type { Entry } from '../../../shared/model/entry.ts';
import type { NotifyLookups } from './triggers.ts';

/** Changes that are under way at once are few; a bulk kill may hold thousands. */
const MOST = 10_000;

type Began = NonNullable<ReturnType<NotifyLookups['began']>>;

/** The same from entries that are there already. */
export function beganIn(entries: readonly Entry[], hash: string): Began | null {
  for (const entry of entries) {
    const told = beginning(entry);
    if (told?.hash === hash) return told;
  }
  return null;
}

function beginning({ body: { data, by } }: Entry): (Began & { hash: string }) | null {
  if (data.kind !== 'change.intent' && data.kind !== 'batch.began') return null;
  const breakGlass = data.kind === 'change.intent' && data.breakGlass !== undefined;
  return { hash: data.hash, operator: by?.operator ?? null, breakGlass };
}

/** Who began what: results are noted by the console itself, and do not say it. */
export function createBeganMemory(): { note(entry: Entry): void; began(hash: string): Began | null } {
  const known = new Map<string, Began>();
  return {
    note(entry) {
      const told = beginning(entry);
      if (told === null) return;
      known.set(told.hash, told);
      if (known.size <= MOST) return;
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    },
    began: (hash) => known.get(hash) ?? null,
  };
}
