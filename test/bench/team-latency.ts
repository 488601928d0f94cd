import pg from 'pg';
import { endConsoles, startConsole, type TeamConsole, whenAlike } from '../support/team-consoles.ts';
import { startTeamPostgres, type TeamPostgres } from '../support/team-postgres.ts';
import type { Bench } from './bench.ts';
import { quantile } from './quantile.ts';

/** Entries to be there before it is measured: an empty store would be too easy. */
const BEFORE = 2_000;

/** An entry appended at one console until the listeners of the other have been told of it, both ledgers on disk. */
async function consoleRound(from: TeamConsole, to: TeamConsole, round: number): Promise<number> {
  const told = Promise.withResolvers<void>();
  const text = `round ${round}`;
  const subscription = to.ledger.onAppend(({ body }) => {
    if (body.data.kind === 'note.added' && body.data.text === text) told.resolve();
  });
  const began = performance.now();
  from.note(text);
  await told.promise;
  const tookMs = performance.now() - began;
  subscription.dispose();
  return tookMs;
}

/** The same way without Scram: insert with a notification, be told, select. */
async function bareRounds(postgres: TeamPostgres, rounds: number): Promise<number[]> {
  const [writer, listener, reader] = await Promise.all(
    [0, 1, 2].map(async () => {
      const client = new pg.Client({ connectionString: postgres.adminUrl });
      await client.connect();
      return client;
    }),
  );
  if (!writer || !listener || !reader) throw new Error('three connections');
  await writer.query('CREATE TABLE bare (id bigint PRIMARY KEY, body text)');
  await listener.query('LISTEN bare');
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const told = new Promise<void>((resolve) => listener.once('notification', () => resolve()));
    const began = performance.now();
    await writer.query(
      "WITH added AS (INSERT INTO bare VALUES ($1, $2) RETURNING id) SELECT pg_notify('bare', id::text) FROM added",
      [round, 'x'.repeat(700)],
    );
    await told;
    await reader.query('SELECT * FROM bare WHERE id >= $1', [round]);
    times.push(performance.now() - began);
  }
  await Promise.all([writer, listener, reader].map((client) => client.end()));
  return times;
}

const latency: Bench = {
  id: 'team-latency',
  async run({ quick }) {
    const rounds = quick ? 20 : 300;
    const postgres = await startTeamPostgres();
    try {
      const schema = await postgres.newSchema();
      const consoles = [0, 1].map(() => startConsole({ url: postgres.consoleUrl(), schema }));
      const [from, to] = consoles;
      if (!from || !to) throw new Error('two consoles');
      const many = Array.from({ length: quick ? 100 : BEFORE }, (_, index) => `before ${index}`);
      from.ledger.appendAll(many.map((text) => ({ kind: 'note.added', text, incident: null })));
      await whenAlike(consoles, many.length + 2);
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) times.push(await consoleRound(from, to, round));
      const bare = await bareRounds(postgres, rounds);
      return [0.5, 0.95].map((share) => ({
        id: share === 0.95 ? 'team-latency' : `team-latency:p${share * 100}`,
        value: quantile(times, share),
        unit: 'ms',
        compare: `bare insert, notification and select over three connections (p${share * 100}); the aim is 300 ms`,
        against: quantile(bare, share),
        runs: rounds,
      }));
    } finally {
      endConsoles();
      await postgres.dispose();
    }
  },
};

export const benches: Bench[] = [latency];
