/** How far back gaps are looked for: counting a chain costs time that grows with it. */
const LOOK_BACK = 50_000;
/** The same for forks, which are looked for each time that something was added. */
const FORK_LOOK_BACK = 10_000;
/** Larger than any row that the table takes: what is cut to it does not fit its hash, and is refused by whoever reads. */
const ROW_BYTES = 16 * 1024 * 1024;

/** The statements of a console, by schema. Whole names throughout: nothing depends on the search path of the role. */
export function statementsOf(schema: string) {
  const entries = `"${schema}".entries`;
  const presence = `"${schema}".presence`;
  const row = `device, sequence, at_ms AS "atMs", hash, signature, left(body, ${ROW_BYTES}) AS body, left(data, ${ROW_BYTES}) AS data`;
  const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)';
  return {
    /** From one device to the next by the index: the time grows with the devices, not with the entries. */
    heads: `
      WITH RECURSIVE devices(device) AS (
        SELECT min(device) FROM ${entries}
        UNION ALL
        SELECT (SELECT min(e.device) FROM ${entries} e WHERE e.device > d.device) FROM devices d WHERE d.device IS NOT NULL
      )
      SELECT d.device, (SELECT max(e.sequence) FROM ${entries} e WHERE e.device = d.device) AS sequence
        FROM devices d WHERE d.device IS NOT NULL`,
    /** $1 devices, $2 sequences, $3 hashes: those whose row is there, and none before it is missing. */
    held: `
      SELECT g.device FROM unnest($1::text[], $2::bigint[], $3::text[]) AS g(device, sequence, hash)
       WHERE EXISTS (SELECT FROM ${entries} e WHERE e.device = g.device AND e.sequence = g.sequence AND e.hash = g.hash)
         AND (SELECT count(DISTINCT e.sequence) FROM ${entries} e
               WHERE e.device = g.device AND e.sequence <= g.sequence AND e.sequence > g.sequence - ${LOOK_BACK})
             = least(g.sequence, ${LOOK_BACK})`,
    push: `
      INSERT INTO ${entries} (device, sequence, at_ms, hash, signature, body, data)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
      ON CONFLICT DO NOTHING`,
    /** $1 device, $2 after, $3 limit, $4 bytes: at least one row, however large. */
    pull: `
      SELECT ${row}
        FROM (
          SELECT e.*, row_number() OVER w AS place,
                 sum(octet_length(body) + coalesce(octet_length(data), 0)) OVER w AS bytes
            FROM (SELECT * FROM ${entries} WHERE device = $1 AND sequence > $2 ORDER BY sequence, hash LIMIT $3) AS e
          WINDOW w AS (ORDER BY sequence, hash)
        ) AS page
       WHERE place = 1 OR bytes <= $4
       ORDER BY sequence, hash`,
    /** $1 device, $2 limit. */
    doubles: `
      WITH near AS (
        SELECT e.sequence FROM ${entries} e
         WHERE e.device = $1 AND e.sequence > (SELECT max(sequence) FROM ${entries} WHERE device = $1) - ${FORK_LOOK_BACK}
      )
      SELECT ${row} FROM ${entries}
       WHERE device = $1 AND sequence IN (SELECT sequence FROM near GROUP BY sequence HAVING count(*) > 1)
       ORDER BY sequence DESC, hash LIMIT $2`,
    /** $1 device, $2 operator, $3 doing. */
    setPresence: `
      INSERT INTO ${presence} (device, operator, doing, at_ms) VALUES ($1, $2, $3, ${nowMs}::bigint)
      ON CONFLICT (device) DO UPDATE SET operator = excluded.operator, doing = excluded.doing, at_ms = excluded.at_ms`,
    /** $1 oldest age in ms, $2 limit. */
    presence: `
      SELECT device, operator, doing, (${nowMs} - at_ms)::float8 AS age FROM ${presence}
       WHERE at_ms >= ${nowMs} - $1::float8 ORDER BY at_ms DESC, device LIMIT $2`,
  } as const;
}
