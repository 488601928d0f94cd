/**
 * The chain of entries, and the cache of what providers answered. Imports nothing, and is never edited once released:
 * what an old data folder went through must stay as it was.
 */
export const ledgerAndCache = {
  version: 1,
  name: 'ledger-and-cache',
  sql: `
    CREATE TABLE ledger (
      device TEXT NOT NULL,
      sequence INTEGER NOT NULL CHECK (sequence > 0),
      at_ms INTEGER NOT NULL,
      hash TEXT NOT NULL,
      signature TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (device, sequence)
    ) STRICT;

    -- Guards against mistakes of our own; the hash chain is what guards against others.
    CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

    CREATE TABLE cache (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    ) STRICT;
  `,
} as const;
