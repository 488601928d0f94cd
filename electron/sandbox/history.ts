import { z } from 'zod';
import type { PastContent } from './scenario.ts';

/** Charts reach back one hour; what was before it is needed only as the state it left. */
const REACH_MS = 3_600_000;

const historySchema = z.strictObject({
  version: z.literal(1),
  raisedAtMs: z.number(),
  savedAtMs: z.number(),
  contents: z.array(z.strictObject({ environment: z.string(), atMs: z.number(), text: z.string() })).min(1),
});

/** What the practice flag files have held, kept so that the charts of the last hour are the same after a restart. */
export interface History {
  readonly raisedAtMs: number;
  readonly contents: readonly PastContent[];
}

/** Null when there is none, it cannot be read, or the world was left alone for so long that it starts anew. */
export function parseHistory(text: string | null, nowMs: number): History | null {
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = historySchema.safeParse(json);
  if (!parsed.success) return null;
  const ageMs = nowMs - parsed.data.savedAtMs;
  return ageMs >= 0 && ageMs <= REACH_MS ? parsed.data : null;
}

export function historyText(history: History, nowMs: number): string {
  const contents = history.contents.filter((content, index) => {
    const next = history.contents.slice(index + 1).find((later) => later.environment === content.environment);
    return next === undefined || next.atMs > nowMs - REACH_MS;
  });
  return JSON.stringify({ version: 1, raisedAtMs: history.raisedAtMs, savedAtMs: nowMs, contents });
}
