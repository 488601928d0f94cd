-- The team store of Scram in PostgreSQL 12 or newer: see team-store.md. Written by scripts/write-team-store-sql.ts.
-- Run it as the role that is to own the schema. Running it again changes nothing; a newer copy adds what is new.
-- For another schema than scram, replace "scram" and 'scram' throughout.

BEGIN;
SELECT pg_advisory_xact_lock(495589679469);
DO $schema$ BEGIN
  -- IF NOT EXISTS would ask for the right to create schemas though this one is there.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'scram') THEN CREATE SCHEMA "scram"; END IF;
END $schema$;
SET LOCAL search_path TO "scram", pg_temp;
CREATE TABLE IF NOT EXISTS migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $migration$ BEGIN
  IF EXISTS (SELECT FROM migrations WHERE version = 1) THEN RETURN; END IF;
  EXECUTE $statements$
    CREATE TABLE entries (
      device text COLLATE "C" NOT NULL CHECK (octet_length(device) BETWEEN 1 AND 128),
      sequence bigint NOT NULL CHECK (sequence > 0 AND sequence <= 9007199254740991),
      at_ms bigint NOT NULL,
      hash text COLLATE "C" NOT NULL CHECK (octet_length(hash) BETWEEN 1 AND 128),
      signature text COLLATE "C" NOT NULL CHECK (octet_length(signature) <= 512),
      body text COLLATE "C" NOT NULL CHECK (octet_length(body) <= 16777216),
      data text COLLATE "C" CHECK (octet_length(data) <= 16777216),
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      -- With the hash: the two ends of a fork both stand, and are seen. Nor can a made-up row hold the place of one to come.
      PRIMARY KEY (device, sequence, hash)
    );

    CREATE TABLE presence (
      device text COLLATE "C" PRIMARY KEY CHECK (octet_length(device) BETWEEN 1 AND 128),
      operator text CHECK (octet_length(operator) <= 400),
      doing text NOT NULL CHECK (octet_length(doing) <= 800),
      at_ms bigint NOT NULL
    );

    -- Also for a role that was given more than it needs: only who owns the table, and the function below, may alter it.
    CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
      BEGIN
        IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE') THEN
          RAISE EXCEPTION 'entries are append-only' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
      END
    $body$;
    CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
      FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse();

    -- One notification for each device, however many rows came at once.
    CREATE FUNCTION entries_notify() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
      BEGIN
        PERFORM pg_notify('scram_entries', added.device) FROM (SELECT DISTINCT device FROM fresh) AS added;
        RETURN NULL;
      END
    $body$;
    CREATE TRIGGER entries_told AFTER INSERT ON entries REFERENCING NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION entries_notify();

    -- Takes the words of an entry away; its chain still verifies. Runs as the owner, and nobody may call it until it is granted.
    CREATE FUNCTION redact(of_device text, of_sequence bigint) RETURNS integer
      LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
      DECLARE done integer;
      BEGIN
        UPDATE entries SET data = NULL WHERE device = of_device AND sequence = of_sequence AND data IS NOT NULL;
        GET DIAGNOSTICS done = ROW_COUNT;
        RETURN done;
      END
    $body$;
    REVOKE ALL ON FUNCTION redact(text, bigint) FROM PUBLIC;
    REVOKE ALL ON FUNCTION entries_refuse(), entries_notify() FROM PUBLIC;
  $statements$;
  INSERT INTO migrations (version, name) VALUES (1, 'entries-and-presence');
END $migration$;
COMMIT;

-- The role of the consoles:
-- CREATE ROLE scram_console LOGIN PASSWORD '…';
-- GRANT USAGE ON SCHEMA "scram" TO "scram_console";
-- GRANT SELECT ON "scram".migrations TO "scram_console";
-- GRANT SELECT, INSERT ON "scram".entries TO "scram_console";
-- GRANT SELECT, INSERT, UPDATE ON "scram".presence TO "scram_console";
