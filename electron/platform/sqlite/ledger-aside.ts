import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { LedgerStore, QuarantinedRow } from '../../services/ledger/store.ts';
import { COLUMNS, toRow } from './ledger-row.ts';

type Aside = Pick<
  LedgerStore,
  'own' | 'setOwn' | 'quarantine' | 'quarantined' | 'redact' | 'isRedacted' | 'scrub' | 'segments' | 'seal'
>;

/** What is kept beside the chains: whose folder it is, quarantine, redactions, segments. */
export function asideStore(database: DatabaseSync, together: LedgerStore['together']): Aside {
  const statements = new Map<string, StatementSync>();
  function prepared(sql: string): StatementSync {
    const made = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, made);
    return made;
  }
  const one = (sql: string, ...values: SQLInputValue[]) => prepared(sql).get(...values);
  const run = (sql: string, ...values: SQLInputValue[]) => prepared(sql).run(...values);

  return {
    own() {
      const device = one('SELECT device FROM own_device')?.device;
      return typeof device === 'string' ? device : null;
    },
    setOwn: (device) => void run('INSERT INTO own_device (one, device) VALUES (1, ?)', device),

    quarantine(row) {
      const held = one(
        `SELECT 1 AS held FROM quarantine
         WHERE device = ? AND sequence = ? AND hash = ? AND signature = ? AND body = ? AND data IS ?`,
        ...[row.device, row.sequence, row.hash, row.signature, row.body, row.data],
      );
      if (held !== undefined) return false;
      run(
        `INSERT INTO quarantine (${COLUMNS}, what, kept_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[row.device, row.sequence, row.atMs, row.hash, row.signature, row.body, row.data],
        row.what,
        row.keptAtMs,
      );
      return true;
    },
    quarantined: () =>
      database
        .prepare(`SELECT ${COLUMNS}, what, kept_at_ms FROM quarantine ORDER BY rowid`)
        .all()
        .map(
          (row): QuarantinedRow => ({
            ...toRow(row),
            what: String(row.what),
            keptAtMs: Number(row.kept_at_ms),
          }),
        ),

    redact: (device, sequence, hash) =>
      together(() => {
        run('INSERT OR IGNORE INTO redactions VALUES (?, ?, ?, 1)', device, sequence, hash);
        const place = 'device = ? AND sequence = ? AND hash = ? AND data IS NOT NULL';
        const taken = run(`UPDATE ledger SET data = NULL WHERE ${place}`, device, sequence, hash).changes;
        const copies = run(`UPDATE quarantine SET data = NULL WHERE ${place}`, device, sequence, hash).changes;
        if (taken !== 0) run("UPDATE ledger_words SET words = '' WHERE device = ? AND sequence = ?", device, sequence);
        if (taken === 0 && copies === 0) return;
        run('UPDATE redactions SET scrubbed = 0 WHERE device = ? AND sequence = ?', device, sequence);
      }),
    isRedacted: (device, sequence, hash) =>
      one(
        'SELECT 1 AS is_so FROM redactions WHERE device = ? AND sequence = ? AND hash = ?',
        device,
        sequence,
        hash,
      ) !== undefined,
    scrub() {
      if (one('SELECT 1 AS due FROM redactions WHERE scrubbed = 0') === undefined) return true;
      // SQLite leaves older copies of a row where pages were divided; only writing every page anew is sure to drop them.
      database.exec('VACUUM');
      if (one('PRAGMA wal_checkpoint(TRUNCATE)')?.busy !== 0) return false;
      run('UPDATE redactions SET scrubbed = 1');
      return true;
    },

    segments: () =>
      database
        .prepare('SELECT device, from_sequence, to_sequence, hash, file, digest FROM segments ORDER BY 1, 2')
        .all()
        .map((row) => ({
          device: String(row.device),
          from: Number(row.from_sequence),
          to: Number(row.to_sequence),
          hash: String(row.hash),
          file: String(row.file),
          digest: String(row.digest),
        })),
    seal: ({ device, from, to, hash, file, digest }, keptKinds) =>
      together(() => {
        run('INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)', device, from, to, hash, file, digest);
        const kept = keptKinds.map(() => '?').join(', ');
        run(
          `DELETE FROM ledger WHERE device = ? AND sequence BETWEEN ? AND ? AND kind NOT IN (${kept})`,
          ...[device, from, to, ...keptKinds],
        );
        run(
          `DELETE FROM ledger_words WHERE device = ? AND sequence BETWEEN ? AND ?
             AND NOT EXISTS (SELECT 1 FROM ledger
               WHERE ledger.device = ledger_words.device AND ledger.sequence = ledger_words.sequence)`,
          ...[device, from, to],
        );
      }),
  };
}
