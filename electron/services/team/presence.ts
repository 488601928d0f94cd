import { z } from 'zod';
import { type Presence, presenceSchema } from '../../../shared/model/team.ts';
import type { Clock } from '../ports.ts';
import { within } from '../time-limit.ts';
import type { TeamStore } from './store.ts';

/** Older than this is somebody who has left, or cannot be reached. */
const FRESH_MS = 2 * 60_000;
const LIMIT_MS = 5_000;
const DOING_LENGTH = 200;

/** Who is at which console, and what they are at: a courtesy, read from what the consoles say of themselves. */
export function createPresenceBoard(store: TeamStore, device: string, clock: Clock, ended: AbortSignal) {
  let operator: string | null = null;
  let doing = '';
  let seen: readonly Presence[] = [];

  return {
    /** Returns whether that is news. */
    set(nextOperator: string | null, nextDoing: string): boolean {
      const text = nextDoing.slice(0, DOING_LENGTH);
      const changed = operator !== nextOperator || doing !== text;
      operator = nextOperator;
      doing = text;
      return changed;
    },
    async exchange(): Promise<void> {
      const own: Presence = { device, operator, doing, atMs: clock.now() };
      await within(clock, LIMIT_MS, [ended], (signal) => store.setPresence(own, signal));
      const rows: unknown = await within(clock, LIMIT_MS, [ended], (signal) =>
        store.presence(clock.now() - FRESH_MS, signal),
      );
      const read = z.array(z.unknown()).safeParse(rows);
      seen = (read.success ? read.data : []).flatMap((row) => {
        const presence = presenceSchema.safeParse(row);
        return presence.success ? [presence.data] : [];
      });
    },
    now(): Presence[] {
      const sinceMs = clock.now() - FRESH_MS;
      return seen.filter(({ atMs }) => atMs >= sinceMs).sort((a, b) => (a.device < b.device ? -1 : 1));
    },
  };
}
