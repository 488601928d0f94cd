/**
 * Chains of several devices in one ledger, data beside the body, and what is kept apart: quarantine and segments.
 * Imports nothing, and is never edited once released: what an old data folder went through must stay as it was.
 */
export const chains = {
  version: 2,
  name: 'chains',
  sql: `
    ALTER TABLE ledger ADD COLUMN data TEXT;
    -- Version 1 has its data in the body. What is no JSON at all is found by verifying, and must not stop the file.
    ALTER TABLE ledger ADD COLUMN kind TEXT GENERATED ALWAYS AS (
      CASE
        WHEN data IS NOT NULL THEN CASE WHEN json_valid(data) THEN json_extract(data, '$.data.kind') END
        WHEN json_valid(body) THEN coalesce(json_extract(body, '$.data.kind'), 'redacted')
      END
    ) VIRTUAL;
    CREATE INDEX ledger_time ON ledger (at_ms, device, sequence);
    CREATE INDEX ledger_kind ON ledger (kind, at_ms, device, sequence);

    -- The device whose folder this is. Until now there was only ever one.
    CREATE TABLE own_device (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      device TEXT NOT NULL
    ) STRICT;
    INSERT INTO own_device SELECT 1, device FROM ledger WHERE sequence = 1 LIMIT 1;

    -- What an entry says, folded for searching; made anew from the entries where it is missing.
    CREATE TABLE ledger_words (
      device TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      words TEXT NOT NULL,
      PRIMARY KEY (device, sequence)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quarantine (
      device TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      hash TEXT NOT NULL,
      signature TEXT NOT NULL,
      body TEXT NOT NULL,
      data TEXT,
      what TEXT NOT NULL,
      kept_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX quarantine_place ON quarantine (device, sequence);

    CREATE TABLE redactions (
      device TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      hash TEXT NOT NULL,
      scrubbed INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (device, sequence, hash)
    ) STRICT;

    CREATE TABLE segments (
      device TEXT NOT NULL,
      from_sequence INTEGER NOT NULL,
      to_sequence INTEGER NOT NULL,
      hash TEXT NOT NULL,
      file TEXT NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (device, from_sequence)
    ) STRICT;

    -- Append-only but for two things: data goes where a redaction is recorded, rows go where a segment holds them.
    DROP TRIGGER ledger_no_update;
    DROP TRIGGER ledger_no_delete;
    CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
      WHEN NOT (
        OLD.data IS NOT NULL AND NEW.data IS NULL
        AND NEW.rowid = OLD.rowid AND NEW.device = OLD.device AND NEW.sequence = OLD.sequence
        AND NEW.at_ms = OLD.at_ms AND NEW.hash = OLD.hash AND NEW.signature = OLD.signature AND NEW.body = OLD.body
        AND EXISTS (
          SELECT 1 FROM redactions
          WHERE device = OLD.device AND sequence = OLD.sequence AND hash = OLD.hash
        )
      )
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
      WHEN NOT EXISTS (
        SELECT 1 FROM segments
        WHERE device = OLD.device AND OLD.sequence BETWEEN from_sequence AND to_sequence
      )
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER redactions_no_delete BEFORE DELETE ON redactions
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER segments_no_delete BEFORE DELETE ON segments
      BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  `,
} as const;
