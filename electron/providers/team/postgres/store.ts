import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { type Presence, presenceSchema } from '../../../../shared/model/team.ts';
import type { Clock, Log } from '../../../services/ports.ts';
import type { LedgerRow, TeamStore } from '../../../services/team/store.ts';
import { type PostgresAddress, readAddress } from './address.ts';
import { listen } from './listen.ts';
import { migrate } from './migrate.ts';
import { checkPrivileges } from './privileges.ts';
import { openSession, type PostgresSession } from './session.ts';
import { statementsOf } from './statements.ts';

/** Of one statement, both ways: a page of large entries must not fill the memory of either end. */
const PAGE_BYTES = 4 * 1024 * 1024;
const PRESENCE_LIMIT = 200;

export interface PostgresTeamStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  /** A name of small letters, digits and underscore, as the configuration checks it. */
  readonly schema: string;
  /** Certificate of a private authority, PEM. */
  readonly caPem?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const whole = z.union([z.number().int(), z.string().regex(/^-?\d{1,16}$/)]).transform(Number);
const headRow = z.strictObject({ device: z.string(), sequence: whole });
const heldRow = z.strictObject({ device: z.string() });
const entryRow = z.strictObject({
  device: z.string(),
  sequence: whole,
  atMs: whole,
  hash: z.string(),
  signature: z.string(),
  body: z.string(),
  data: z.string().nullable(),
});
const presenceRow = z.strictObject({
  device: z.string(),
  operator: z.string().nullable(),
  doing: z.string(),
  age: z.number(),
});
const nothing = z.unknown();

/** The team's store on PostgreSQL (D8): one connection that works and one that listens. */
export function createPostgresTeamStore(options: PostgresTeamStoreOptions): TeamStore {
  const { schema, clock, log } = options;
  const sql = statementsOf(schema);
  let address: PostgresAddress | null = null;
  let session: PostgresSession | null = null;
  let disposed = false;

  // Read when it is first used: a string that cannot be read is a state of the store, not the end of the console.
  const addressNow = (): PostgresAddress => {
    address ??= readAddress(options.connectionString, options.caPem !== undefined);
    return address;
  };
  const sessionOptions = () => ({ address: addressNow(), caPem: options.caPem, clock });

  function open(): PostgresSession {
    if (session !== null && !session.closed) return session;
    throw new ScramError('unreachable', 'the team store is not connected');
  }

  return {
    async connect(signal) {
      session?.close();
      session = null;
      if (disposed) throw new ScramError('cancelled', 'the team store was closed');
      const opened = await openSession(sessionOptions(), signal);
      try {
        await migrate(opened, schema, signal);
        const { tooMuch } = await checkPrivileges(opened, schema, addressNow().user, signal);
        if (tooMuch) log.warn('team-store.role-may-alter-entries', { schema });
        if (disposed) throw new ScramError('cancelled', 'the team store was closed');
        session = opened;
      } catch (error) {
        opened.close();
        throw error;
      }
    },

    async heads(signal) {
      const rows = await open().query(sql.heads, [], headRow, 'reading how far the chains go', signal);
      return new Map(rows.map(({ device, sequence }) => [device, sequence]));
    },

    async held(marks, signal) {
      const columns = [
        marks.map((mark) => mark.device),
        marks.map((mark) => mark.sequence),
        marks.map((mark) => mark.hash),
      ];
      const rows = await open().query(sql.held, columns, heldRow, 'looking for what is there', signal);
      return new Set(rows.map(({ device }) => device));
    },

    async push(rows, signal) {
      for (const page of pagesOf(rows)) {
        const columns = [
          page.map((row) => row.device),
          page.map((row) => row.sequence),
          page.map((row) => row.atMs),
          page.map((row) => row.hash),
          page.map((row) => row.signature),
          page.map((row) => row.body),
          page.map((row) => row.data),
        ];
        await open().query(sql.push, columns, nothing, 'adding entries', signal);
      }
    },

    pull: (device, after, limit, signal) =>
      open().query(sql.pull, [device, after, limit, PAGE_BYTES], entryRow, 'reading entries', signal),

    doubles: (device, limit, signal) =>
      open().query(sql.doubles, [device, limit], entryRow, 'looking for forks', signal),

    listen: (onMore, onLost) => listen(sessionOptions(), onMore, onLost),

    async setPresence({ device, operator, doing }, signal) {
      const { redact } = addressNow();
      await open().query(sql.setPresence, [device, operator, redact(doing)], nothing, 'saying who is here', signal);
    },

    async presence(sinceMs, signal) {
      const nowMs = clock.now();
      const values = [nowMs - sinceMs, PRESENCE_LIMIT];
      const rows = await open().query(sql.presence, values, presenceRow, 'reading who is here', signal);
      // Ages by the server's clock: consoles whose clocks differ still see each other.
      const read = rows.map(({ age, ...row }) => ({ ...row, atMs: Math.round(nowMs - Math.max(0, age)) }));
      return read.filter((row): row is Presence => presenceSchema.safeParse(row).success);
    },

    async dispose() {
      disposed = true;
      session?.close();
      session = null;
    },
  };
}

function* pagesOf(rows: readonly LedgerRow[]): Iterable<readonly LedgerRow[]> {
  let page: LedgerRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.body.length + (row.data?.length ?? 0);
    if (page.length > 0 && bytes + size > PAGE_BYTES) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(row);
    bytes += size;
  }
  if (page.length > 0) yield page;
}
