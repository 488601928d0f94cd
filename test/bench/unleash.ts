import type { HttpClient, HttpRequest } from '../../electron/platform/http/client.ts';
import { NEVER } from '../integration/changes/pipeline.ts';
import { PROJECT } from '../integration/unleash/fixture.ts';
import { waitFor } from '../support/processes.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { RunningUnleash } from '../support/unleash.ts';
import type { Bench, BenchLine } from './bench.ts';
import { quantile } from './quantile.ts';
import { benches as kill } from './unleash-kill.ts';
import { bareClient, must, providerOver, withPipeline, withUnleash } from './unleash-world.ts';

const FLAGS = 10_000;

/** Requests that were under way together, and how many at most at a time. */
interface Phase {
  readonly requests: HttpRequest[];
  atOnce: number;
}

/** What a provider asks, in phases: one ends when nothing is under way. */
function recorder() {
  const phases: Phase[] = [];
  let open = 0;
  const seen = (http: HttpClient): HttpClient => ({
    ...http,
    async request(asked) {
      const { signal: _, ...request } = asked;
      const phase = open === 0 ? undefined : phases.at(-1);
      open += 1;
      if (phase === undefined) phases.push({ requests: [request], atOnce: 1 });
      else {
        phase.requests.push(request);
        phase.atOnce = Math.max(phase.atOnce, open);
      }
      try {
        return await http.request(asked);
      } finally {
        open -= 1;
      }
    },
  });
  return { phases, seen };
}

/** Fetches the same pages with as many at once, and does nothing with them; or parses them as JSON. */
async function fetchBare(server: RunningUnleash, phases: readonly Phase[], parse: boolean): Promise<number> {
  const http = bareClient(server.url, server.adminToken);
  const began = performance.now();
  for (const { requests, atOnce } of phases) {
    const open = requests.values();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const request of open) {
          const response = await must(http, request);
          if (parse) response.json();
        }
      }),
    );
  }
  const tookMs = performance.now() - began;
  await http.close();
  return tookMs;
}

/** The first read of 10,000 flags by a provider that knows nothing yet, in turn with the bare fetching of its pages. */
async function sync(server: RunningUnleash, rounds: number): Promise<BenchLine[]> {
  async function read(seen = (http: HttpClient) => http): Promise<number> {
    const provider = providerOver(server.url, server.adminToken, seen);
    const began = performance.now();
    const { flags } = await provider.readEnvironment('production', NEVER);
    const tookMs = performance.now() - began;
    provider.dispose();
    if (flags.length !== FLAGS) throw new Error(`${flags.length} flags were read`);
    return tookMs;
  }
  const { phases, seen } = recorder();
  await read(seen);
  const ways = [() => read(), () => fetchBare(server, phases, false), () => fetchBare(server, phases, true)];
  for (const way of ways) await way();
  const tookMs: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < ways.length; turn += 1) {
      const way = (round + turn) % ways.length;
      tookMs[way]?.push((await ways[way]?.()) ?? Number.NaN);
    }
  }
  const [syncMs = [], bareMs = [], parsedMs = []] = tookMs;
  const ratio = (to: readonly number[]) =>
    quantile(
      syncMs.map((ms, round) => ms / (to[round] ?? Number.NaN)),
      0.5,
    );
  const id = 'sync:10k';
  const requests = phases.flatMap((phase) => phase.requests).length;
  const compare = `bare fetching of the same ${requests} pages with the same client, ms`;
  const idle = await idleRefresh(server, rounds);
  return [
    { id, value: ratio(bareMs), unit: '×', compare, against: quantile(bareMs, 0.5), runs: rounds },
    {
      id: `${id}:parsed`,
      value: ratio(parsedMs),
      unit: '×',
      compare: 'the same, each page parsed as JSON, ms',
      against: quantile(parsedMs, 0.5),
      runs: rounds,
    },
    {
      id: `${id}:time`,
      value: quantile(syncMs, 0.5),
      unit: 'ms',
      compare,
      against: quantile(bareMs, 0.5),
      runs: rounds,
    },
    { ...idle.bytes, id: `${id}:idle-bytes` },
    { ...idle.requests, id: `${id}:idle-requests` },
  ];
}

/** What a look at 10,000 flags of which none moved costs on the wire, both ways, heads of the requests included. */
async function idleRefresh(server: RunningUnleash, rounds: number) {
  const proxy = await startTcpProxy({ port: Number(new URL(server.url).port) });
  let bytes = 0;
  proxy.rule = (_from, chunk) => {
    bytes += chunk.length;
    return 'pass';
  };
  const { phases, seen } = recorder();
  const provider = providerOver(`http://127.0.0.1:${proxy.port}`, server.adminToken, seen);
  try {
    const read = await provider.readEnvironment('production', NEVER);
    const first = { bytes, requests: phases.flatMap(({ requests }) => requests).length };
    let { mark } = read;
    const look = async () => {
      const changes = await provider.readChanges?.('production', mark ?? '', NEVER);
      if (!changes || changes.upserts.length + changes.removals.length > 0) throw new Error('something moved');
      mark = changes.mark;
    };
    // The first learns the newest event's tag.
    await look();
    bytes = 0;
    phases.length = 0;
    for (let round = 0; round < rounds; round += 1) await look();
    const requests = phases.flatMap((phase) => phase.requests).length;
    return {
      bytes: { value: bytes / rounds, unit: 'B', compare: 'the first sync', against: first.bytes, runs: rounds },
      requests: {
        value: requests / rounds,
        unit: '',
        compare: 'the first sync',
        against: first.requests,
        runs: rounds,
      },
    };
  } finally {
    provider.dispose();
    await proxy.stop();
  }
}

const BULK = 500;
const keysFrom = (from: number): string[] =>
  Array.from({ length: BULK }, (_, index) => `bench_${String(from + index).padStart(6, '0')}`);

/** `execute` of one confirmed batch, ledger on disk included, in turn with one bare request per flag. */
async function bulk(server: RunningUnleash, rounds: number): Promise<BenchLine[]> {
  const [own, bare] = [keysFrom(0), keysFrom(BULK)];
  const http = bareClient(server.url, server.adminToken);
  /** The server goes on with what was done before, event by event, and would do so during what is measured. */
  async function rested(): Promise<void> {
    const left = () => server.sql('select count(*) as left from events where not announced');
    await waitFor('the server has told of all events', async () => Number((await left())[0]?.left) === 0, {
      deadlineMs: 60_000,
    });
  }
  async function oneByOne(): Promise<number> {
    await rested();
    const began = performance.now();
    for (const key of bare) {
      await must(http, { method: 'POST', path: `${PROJECT}/features/${key}/environments/production/off` });
    }
    return performance.now() - began;
  }
  const allOn = async (keys: readonly string[]) => {
    const path = `${PROJECT}/bulk_features/environments/production/on`;
    await must(http, { method: 'POST', path, json: { features: keys } });
  };
  return withPipeline(server, async ({ batches }) => {
    async function byBatch(): Promise<number> {
      const flags = own.map((key) => ({ connection: 'local', key }));
      const preview = await batches.preview('production', { by: 'flags', flags }, NEVER);
      const batch = batches.propose(preview.hash, 'p99 tripled');
      await rested();
      const began = performance.now();
      const { items } = await batches.execute(batch.hash, NEVER);
      const tookMs = performance.now() - began;
      const accepted = items.filter(({ acceptedAtMs }) => acceptedAtMs !== null).length;
      if (accepted !== BULK) throw new Error(`${accepted} of ${BULK} were accepted: ${items[0]?.problem}`);
      const served = () => batches.progress(batch.hash)?.items.every(({ servedAtMs }) => servedAtMs !== null);
      await waitFor('all are served', () => served() === true, { deadlineMs: 60_000 });
      return tookMs;
    }
    const faster: number[] = [];
    const batchMs: number[] = [];
    const bareMs: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const first = round % 2 === 0 ? await oneByOne() : null;
      const tookMs = await byBatch();
      const sequenceMs = first ?? (await oneByOne());
      await allOn(own);
      await allOn(bare);
      if (round < 0) continue;
      faster.push(sequenceMs / tookMs);
      batchMs.push(tookMs);
      bareMs.push(sequenceMs);
    }
    await http.close();
    const compare = 'one bare off for each, in sequence, ms';
    const against = quantile(bareMs, 0.5);
    const id = 'bulk-kill:500';
    return [
      { id, value: quantile(faster, 0.5), unit: 'times faster', compare, against, runs: rounds },
      { id: `${id}:time`, value: quantile(batchMs, 0.5), unit: 'ms', compare, against, runs: rounds },
    ];
  });
}

/** Issue 3: against a real Unleash on a real PostgreSQL. */
export const benches: Bench[] = [
  ...kill,
  { id: 'sync:10k', run: ({ quick }) => withUnleash(FLAGS, (server) => sync(server, quick ? 2 : 9)) },
  { id: 'bulk-kill:500', run: ({ quick }) => withUnleash(2 * BULK, (server) => bulk(server, quick ? 1 : 7)) },
];
