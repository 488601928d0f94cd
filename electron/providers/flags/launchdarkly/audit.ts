import type { AuditEvent } from '../../../services/flags/provider.ts';
import type { Api } from '../../shared/api.ts';
import { personOf, words } from './normalise.ts';
import { type AuditEntry, auditLogSchema } from './schema.ts';

/** Entries of one answer, at most. */
const PAGE = 20;

/** A flag that an entry is about; environment null: the flag as a whole, in every environment. */
export interface Touched {
  readonly key: string;
  readonly environment: string | null;
}

export interface AuditEntries {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** False: there are older ones than these. */
  readonly whole: boolean;
}

/**
 * Entries about the project's flags after a time, as many as `pages` answers hold.
 * Source: launchdarkly.com/docs/api, List audit log entries (limit 1 to 20, `after`, `before`, `spec`).
 */
export async function auditEntries(
  api: Api,
  project: string,
  afterMs: number,
  pages: number,
  signal: AbortSignal,
): Promise<AuditEntries> {
  const found = new Map<string, AuditEntry>();
  let before: number | undefined;
  let whole = true;
  for (let page = 0; page < pages; page += 1) {
    const { value } = await api.ask({
      method: 'GET',
      path: '/api/v2/auditlog',
      query: { after: afterMs, before, limit: PAGE, spec: `proj/${project}:env/*:flag/*` },
      schema: auditLogSchema,
      what: 'the audit log',
      background: true,
      signal,
    });
    const known = found.size;
    for (const entry of value.items) found.set(entry._id, entry);
    if (value.items.length < PAGE) return { entries: [...found.values()], whole };
    const oldest = Math.min(...value.items.map(({ date }) => date));
    // The next page begins within the same millisecond, with what is known; where that is a whole page, the rest of the
    // millisecond cannot be had.
    if (found.size === known) whole = false;
    before = found.size === known ? oldest : oldest + 1;
  }
  return { entries: [...found.values()], whole: false };
}

/** `proj/default:env/production:flag/enable_x`, maybe with tags behind a semicolon at each part. */
const RESOURCE = /^proj\/([^:;]+)(?:;[^:]*)?:env\/([^:;]+)(?:;[^:]*)?:flag\/([^:;]+)/;

export function touchedBy(entry: AuditEntry, project: string): Touched[] {
  const touched = new Map<string, Touched>();
  for (const { resource } of entry.accesses ?? []) {
    const [, inProject, environment, key] = RESOURCE.exec(resource) ?? [];
    if (inProject !== project || environment === undefined || key === undefined) continue;
    touched.set(`${environment}\n${key}`, { key, environment: environment === '*' ? null : environment });
  }
  return [...touched.values()];
}

/** Events in the console's terms, oldest first; what happened in other environments is left out. */
export function auditEvents(
  entries: readonly AuditEntry[],
  project: string,
  ourName: (environment: string) => string | undefined,
): AuditEvent[] {
  const events = entries.flatMap((entry) =>
    touchedBy(entry, project).flatMap(({ key, environment }): AuditEvent[] => {
      const ours = environment === null ? null : ourName(environment);
      if (ours === undefined) return [];
      const id = `${entry._id}/${environment ?? '*'}/${key}`;
      return [{ id, atMs: entry.date, key, environment: ours, by: authorOf(entry), summary: summaryOf(entry, key) }];
    }),
  );
  return events.sort((a, b) => a.atMs - b.atMs);
}

function authorOf({ member, token, app, subject }: AuditEntry): string | null {
  return personOf(member) ?? words(token?.name) ?? words(app?.name) ?? words(subject?.name);
}

function summaryOf({ shortDescription, titleVerb, comment }: AuditEntry, key: string): string {
  const what = words(shortDescription) ?? words(titleVerb) ?? 'changed the flag';
  const line = words(comment) === null ? `${what}: ${key}` : `${what}: ${key} (${comment})`;
  return line.replace(/\s+/g, ' ').slice(0, 500);
}
