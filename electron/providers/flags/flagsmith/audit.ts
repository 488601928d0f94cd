import type { AuditEvent } from '../../../services/flags/provider.ts';
import type { AuditRow } from './answers.ts';
import type { FlagsmithClient } from './client.ts';

const PAGE = 100;
/** As far back as one look goes. */
const MOST_PAGES = 20;

/**
 * What Flagsmith logs of flags names the flag in its words alone (docs.flagsmith.com, administration-and-security,
 * audit-logs: "Audit Log Event Types").
 */
const NAMES = [
  /\bfeature '([^']+)'/,
  /\bfor feature: (.+?)(?: by (?:Change Request|Release pipeline): .*)?$/,
  /\bfor flag: (.+) in environment: /,
  /^(?:New Flag|Flag) \/ Remote Config (?:created|updated|Deleted): (.+)$/,
];
const OF_FLAGS = new Set(['FEATURE', 'FEATURE_STATE', 'EF_VERSION', 'EDGE_IDENTITY', 'RELEASE_PIPELINE']);

/** The flag that a line of the log is about; null when it is about something else. */
export function flagIn({ log, related_object_type }: Pick<AuditRow, 'log' | 'related_object_type'>): string | null {
  if (!OF_FLAGS.has(related_object_type ?? '')) return null;
  const [line = ''] = log.split('\n');
  for (const pattern of NAMES) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

/** Events of the project's flags in these environments (ours by Flagsmith's name) after `sinceMs`, oldest first. */
export async function readAudit(
  client: FlagsmithClient,
  environments: ReadonlyMap<string, string>,
  sinceMs: number,
  signal: AbortSignal,
): Promise<AuditEvent[]> {
  const events = new Map<string, AuditEvent>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { results, next } = await client.audit(page, PAGE, signal);
    const fresh = results.filter((row) => Date.parse(row.created_date) > sinceMs);
    for (const row of fresh) {
      const key = flagIn(row);
      const environment = row.environment ? environments.get(row.environment.name) : null;
      if (key === null || environment === undefined) continue;
      const id = String(row.id);
      events.set(id, {
        id,
        atMs: Date.parse(row.created_date),
        key,
        environment,
        by: authorOf(row),
        summary: row.log.replace(/\s+/g, ' ').trim(),
      });
    }
    if (!next || fresh.length < results.length) break;
  }
  return [...events.values()].sort((a, b) => a.atMs - b.atMs || Number(a.id) - Number(b.id));
}

/** Null: an organisation's API key, or a change that went live by itself. */
function authorOf({ author }: AuditRow): string | null {
  if (!author) return null;
  const name = [author.first_name, author.last_name].filter((part) => part).join(' ');
  return author.email ?? (name === '' ? null : name);
}
