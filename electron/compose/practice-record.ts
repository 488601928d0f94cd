import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { DataPaths } from '../platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../platform/sqlite/ledger-store.ts';

/**
 * Practice operators sign with keys that no team's roster has: a chain that holds their acts is one that every console of
 * a team refuses. Before a folder in which somebody practised becomes a team's, that record is set aside with its device
 * key, whole, and a chain of its own begins. A folder in which anybody has a key already is left as it is. Returns where
 * it was put; null when there was nothing to set aside.
 */
export function setPracticeAside(paths: DataPaths, nowMs: number): string | null {
  if (!existsSync(paths.database) || existsSync(paths.vault) || !onlyPractised(paths.folder)) return null;
  const aside = path.join(paths.folder, `practice-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '')}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const file of [paths.database, `${paths.database}-wal`, `${paths.database}-shm`, paths.deviceKey]) {
    if (existsSync(file)) renameSync(file, path.join(aside, path.basename(file)));
  }
  return aside;
}

function onlyPractised(folder: string): boolean {
  const database = openDataFolderDatabase(folder);
  try {
    const store = createLedgerStore(database);
    if ([...store.ofKind('roster.pinned')].length > 0) return false;
    for (const device of store.devices()) {
      // A person's signature where no roster ever was: practice operators' alone.
      for (const { body } of store.rows(device)) if (body.includes('"by":{')) return true;
    }
    return false;
  } finally {
    database.close();
  }
}
