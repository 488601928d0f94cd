import path from 'node:path';
import { unleashObserver } from '../../electron/providers/flags/observers/unleash.ts';
import { PEERS } from '../../scripts/test/peers.ts';
import { unleashObserverSchema } from '../../shared/model/config/connections/observers.ts';
import { NEVER, type openPipeline } from '../integration/changes/pipeline.ts';
import { flagsOf, PROJECT, rollout } from '../integration/unleash/fixture.ts';
import { contextOf } from '../support/flag-context.ts';
import { NODE, startProcess, waitFor } from '../support/processes.ts';
import type { RunningUnleash } from '../support/unleash.ts';
import type { Bench, BenchLine } from './bench.ts';
import { quantile } from './quantile.ts';
import { bareClient, must, withPipeline, withUnleash } from './unleash-world.ts';

type Pipeline = Awaited<ReturnType<typeof openPipeline>>;

const KILLED = 'bench_000000';
const BARE = 'bench_000001';

/** Executes a proposed change; milliseconds until it was accepted and journalled. */
async function executed(pipeline: Pipeline, hash: string): Promise<number> {
  const began = performance.now();
  const progress = await pipeline.changes.execute(hash, NEVER);
  const tookMs = performance.now() - began;
  if (progress.propagation.acceptedAtMs === null) throw new Error(`not accepted: ${progress.problem}`);
  return tookMs;
}

/** Until nothing that a change set off is under way any more: it must not run into what is measured next. */
async function rested(pipeline: Pipeline, hash: string): Promise<void> {
  await waitFor('served', () => pipeline.changes.progress(hash)?.stage === 'served', { everyMs: 2 });
}

/**
 * `execute` end to end (read again, intent on disk, write, result on disk) against the two requests that a script would
 * send, by the same client to the same server. The two run in turn on flags that are alike, and the ratio is each pair's.
 */
async function overhead(server: RunningUnleash, rounds: number): Promise<BenchLine[]> {
  const http = bareClient(server.url, server.adminToken);
  const flag = `${PROJECT}/features/${BARE}`;
  async function bare(): Promise<number> {
    const began = performance.now();
    await must(http, { method: 'GET', path: flag, query: { variantEnvironments: 'true' } });
    await must(http, { method: 'POST', path: `${flag}/environments/production/off` });
    return performance.now() - began;
  }
  return withPipeline(server, async (pipeline) => {
    const ratios: number[] = [];
    const added: number[] = [];
    const bareMs: number[] = [];
    const warmUp = Math.min(10, rounds);
    for (let round = -warmUp; round < rounds; round += 1) {
      const kill = await pipeline.proposeKill(KILLED);
      const first = round % 2 === 0 ? await bare() : null;
      const killMs = await executed(pipeline, kill.hash);
      await rested(pipeline, kill.hash);
      const scriptMs = first ?? (await bare());
      const undo = await pipeline.proposeUndo(kill.hash);
      await executed(pipeline, undo.hash);
      await rested(pipeline, undo.hash);
      await must(http, { method: 'POST', path: `${flag}/environments/production/on` });
      if (round < 0) continue;
      ratios.push(killMs / scriptMs);
      added.push(killMs - scriptMs);
      bareMs.push(scriptMs);
    }
    await http.close();
    const compare = 'bare read and off by the same client, ms';
    const against = quantile(bareMs, 0.5);
    const id = 'kill-overhead:unleash';
    return [
      { id, value: quantile(ratios, 0.5), unit: '×', compare, against, runs: rounds },
      { id: `${id}:p95`, value: quantile(ratios, 0.95), unit: '×', compare, against, runs: rounds },
      { id: `${id}:added`, value: quantile(added, 0.5), unit: 'ms', compare, against, runs: rounds },
    ];
  });
}

const SEEN = 'enable_checkout';
const SDK_REFRESH_MS = 1_000;
const POLL_MS = 20;
const SEEN_LIMIT_MS = 30_000;

/** Asks the client API for one flag every 20 ms; tells when it first was what is waited for, epoch ms. */
function startPoller(server: RunningUnleash) {
  const http = bareClient(server.url, server.clientToken('production'));
  let last: boolean | null = null;
  let sinceMs = 0;
  let failure: unknown = null;
  const stop = new AbortController();
  async function look(): Promise<void> {
    const response = await must(http, { method: 'GET', path: '/api/client/features', query: { namePrefix: SEEN } });
    const { features } = response.json() as { features: { name: string; enabled: boolean }[] };
    const enabled = features.find(({ name }) => name === SEEN)?.enabled ?? false;
    if (enabled === last) return;
    last = enabled;
    sinceMs = Date.now();
  }
  async function poll(): Promise<void> {
    for (let nextMs = Date.now(); !stop.signal.aborted; nextMs = Math.max(Date.now(), nextMs + POLL_MS)) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - Date.now())));
      await look();
    }
  }
  const ended = poll().catch((error: unknown) => {
    failure = error;
  });
  return {
    /** When it saw the flag so, epoch ms; null as long as it does not. */
    seen(enabled: boolean): number | null {
      if (failure !== null) throw failure;
      return last === enabled ? sinceMs : null;
    },
    async stop() {
      stop.abort();
      await ended;
      await http.close();
    },
  };
}

/** An application with Unleash's own SDK, in a process of its own. */
function startSdk(server: RunningUnleash) {
  const token = server.clientToken('production');
  const sdk = startProcess(NODE, [path.join(PEERS, 'sdk.mjs'), server.url, token, String(SDK_REFRESH_MS), SEEN, '1']);
  return {
    seen(enabled: boolean): number | null {
      const lines = sdk.output().split('\n');
      const last = lines.findLast((line) => line.startsWith('{"atMs"') && line.endsWith('}'));
      const told = last === undefined ? null : (JSON.parse(last) as { atMs: number; served: string });
      return told?.served === (enabled ? '1' : '0') ? told.atMs : null;
    },
    stop: () => sdk.stop(),
  };
}

function observerOf(server: RunningUnleash) {
  const config = unleashObserverSchema.parse({
    kind: 'unleash',
    region: 'local',
    url: server.url,
    credential: 'env:TOKEN',
  });
  return unleashObserver(config, {
    ...contextOf({ secrets: { TOKEN: server.clientToken('production') } }),
    environments: null,
    metricSource: () => null,
  });
}

/**
 * From the moment at which the ledger says that a kill was accepted: to `change.observed` in it, to the first answer of a
 * poller that asks the client API all the time, and to the SDK of a running application. All three watch the same kill.
 */
async function toObserved(server: RunningUnleash, rounds: number): Promise<BenchLine[]> {
  const flags = flagsOf(server);
  await flags.create(SEEN);
  await flags.addStrategy(SEEN, rollout('100'));
  await flags.switch(SEEN, 'on');
  const poller = startPoller(server);
  const sdk = startSdk(server);
  const console: number[] = [];
  const polled: number[] = [];
  const added: number[] = [];
  const byApplication: number[] = [];
  const wait = (what: string, look: () => number | null) =>
    waitFor(what, look, { everyMs: 10, deadlineMs: SEEN_LIMIT_MS });
  async function run(pipeline: Pipeline): Promise<void> {
    const at = new Map<string, number>();
    const subscription = pipeline.ledger.onAppend(({ body: { data } }) => {
      if ('hash' in data) at.set(`${data.kind} ${data.hash}`, Date.now());
    });
    await wait('the poller sees it on', () => poller.seen(true));
    await wait('the SDK sees it on', () => sdk.seen(true));
    for (let round = -1; round < rounds; round += 1) {
      const kill = await pipeline.proposeKill(SEEN);
      // Anywhere between two counts of the server, which come once a second.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
      await executed(pipeline, kill.hash);
      const acceptedMs = at.get(`change.result ${kill.hash}`) ?? Number.NaN;
      const observedMs = await wait('observed', () => at.get(`change.observed ${kill.hash}`) ?? null);
      const polledMs = await wait('the poller sees it off', () => poller.seen(false));
      const sdkMs = await wait('the SDK sees it off', () => sdk.seen(false));
      const undo = await pipeline.proposeUndo(kill.hash);
      await executed(pipeline, undo.hash);
      await wait('the poller sees it on again', () => poller.seen(true));
      await wait('the SDK sees it on again', () => sdk.seen(true));
      if (round < 0) continue;
      console.push(observedMs - acceptedMs);
      polled.push(polledMs - acceptedMs);
      added.push(observedMs - polledMs);
      byApplication.push(sdkMs - acceptedMs);
    }
    subscription.dispose();
  }
  try {
    await withPipeline(server, run, [observerOf(server)]);
  } finally {
    await poller.stop();
    await sdk.stop();
  }
  const line = (suffix: string, values: readonly number[], share: number, compare: string, against: number) => ({
    id: `kill-to-observed:unleash${suffix}`,
    value: quantile(values, share),
    unit: 'ms',
    compare,
    against,
    runs: rounds,
  });
  const bare = 'accepted until a poller of the client API, every 20 ms, sees it, ms';
  const bareMs = quantile(polled, 0.5);
  return [
    line('', added, 0.5, bare, bareMs),
    line(':p95', added, 0.95, bare, quantile(polled, 0.95)),
    line(':console', console, 0.5, bare, bareMs),
    line(':sdk', byApplication, 0.5, `${bare}; SDK with a refresh of ${SDK_REFRESH_MS} ms`, bareMs),
  ];
}

export const benches: Bench[] = [
  {
    id: 'kill-overhead:unleash',
    run: ({ quick }) => withUnleash(100, (server) => overhead(server, quick ? 10 : 100)),
  },
  {
    id: 'kill-to-observed:unleash',
    run: ({ quick }) => withUnleash(0, (server) => toObserved(server, quick ? 3 : 12)),
  },
];
