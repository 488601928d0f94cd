import type { AuditEvent } from '../../../services/flags/provider.ts';
import { type EventAnswer, timeOf } from './answers.ts';
import type { UnleashClient } from './client.ts';

const PAGE = 100;
/** Further back nobody reads in an incident. */
const MOST_PAGES = 20;

/** Changes of flags after `sinceMs`, oldest first. `ours` gives our name of an environment, undefined when we have none. */
export async function readAudit(
  client: UnleashClient,
  sinceMs: number,
  ours: (providerEnvironment: string) => string | undefined,
  signal: AbortSignal,
): Promise<readonly AuditEvent[]> {
  const found = new Map<number, AuditEvent>();
  // The log can be asked for whole days alone.
  const from = new Date(Math.max(0, sinceMs)).toISOString().slice(0, 10);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { events } = await client.events({ offset: page * PAGE, limit: PAGE, from }, signal);
    for (const event of events) {
      const told = toAudit(event, ours);
      if (told !== null && told.atMs > sinceMs) found.set(event.id, told);
    }
    const last = events.at(-1);
    if (events.length < PAGE || last === undefined || (timeOf(last.createdAt) ?? 0) <= sinceMs) break;
  }
  // Ids are not given in the order of the times.
  return [...found.values()].sort((a, b) => a.atMs - b.atMs || Number(a.id) - Number(b.id));
}

function toAudit(event: EventAnswer, ours: (providerEnvironment: string) => string | undefined): AuditEvent | null {
  const atMs = timeOf(event.createdAt);
  if (!event.featureName || atMs === null) return null;
  const environment = event.environment ? ours(event.environment) : null;
  if (environment === undefined) return null;
  return {
    id: String(event.id),
    atMs,
    key: event.featureName,
    environment,
    by: event.createdBy ?? null,
    summary: plain(event.summary) ?? event.label ?? event.type,
  };
}

const LONGEST = 300;

/** Unleash's summary is Markdown with links: its words alone, on one line. */
function plain(summary: string | null | undefined): string | null {
  const words = (summary ?? '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? null : words.slice(0, LONGEST);
}
