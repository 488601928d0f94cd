import type { AuditEvent } from '../../../services/flags/provider.ts';
import type { GitRepository, LogEntry } from './repository.ts';

export interface AuditOptions {
  readonly repository: GitRepository;
  /** Path of each environment's flag file within the repository. */
  readonly files: Readonly<Record<string, string>>;
  readonly changedKeys: (file: string, before: Buffer | null, after: Buffer | null) => readonly string[];
}

/** Commits of one file that are looked into; as many as the working copy keeps. */
const COMMITS = 100;

/** Who changed which flag, from the commits of the flag files: each commit's file is compared with its parent's. */
export function createAudit({ repository, files, changedKeys }: AuditOptions) {
  async function bytesAt(commit: string | null, file: string, signal: AbortSignal): Promise<Buffer | null> {
    const entry = commit === null ? null : await repository.entry(commit, file, signal);
    return entry === null ? null : repository.blob(entry.blob, signal);
  }

  async function eventsOf(
    entry: LogEntry,
    environment: string,
    file: string,
    signal: AbortSignal,
  ): Promise<AuditEvent[]> {
    const [before, after] = [await bytesAt(entry.parent, file, signal), await bytesAt(entry.commit, file, signal)];
    return changedKeys(file, before, after).map((key) => ({
      id: `${entry.commit}/${environment}/${key}`,
      atMs: entry.atMs,
      key,
      environment,
      by: entry.author === '' ? null : entry.author,
      summary: entry.subject === '' ? `commit ${entry.commit.slice(0, 12)}` : entry.subject,
    }));
  }

  return async (sinceMs: number, signal: AbortSignal): Promise<readonly AuditEvent[]> => {
    const tip = await repository.fetch(signal);
    const events: AuditEvent[] = [];
    for (const [environment, file] of Object.entries(files)) {
      // Oldest first, also among those of one second.
      for (const entry of (await repository.log(tip, file, COMMITS, signal)).toReversed()) {
        // Commits tell the time in whole seconds.
        if (entry.atMs + 999 < sinceMs) continue;
        events.push(...(await eventsOf(entry, environment, file, signal)));
      }
    }
    return events.sort((a, b) => a.atMs - b.atMs);
  };
}
