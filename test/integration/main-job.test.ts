import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectControl } from '../../electron/hosts/control/client.ts';
import { controlPath } from '../../electron/hosts/control/path.ts';
import type { Client } from '../../electron/rpc/client.ts';
import type { Now } from '../../shared/contract/slis.ts';
import type { ChangeProgress } from '../../shared/model/change.ts';
import { type MainJob, startMainJob } from '../support/main-job.ts';
import { waitFor } from '../support/processes.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let job: MainJob;
let host: RunningHost;
let client: Client;

beforeAll(async () => {
  job = await startMainJob();
  host = await startWebHost({ dataDir: job.dataDir, config: job.config });
  client = await connectControl(controlPath(job.dataDir, process.platform));
});

afterAll(async () => {
  client?.dispose();
  await host?.stop();
  await job?.stop();
});

it('A2, A4, A7, B14, B7: raised flag → breach → ranked suspect → kill → observed → recovered → undone, on real input', async () => {
  let now: Now = { breaches: [], markers: [] };
  const following = client.listen(
    'now.watch',
    { environment: 'production' },
    {
      snapshot: (value) => {
        now = value;
      },
      delta: (value) => {
        now = value;
      },
      error: () => undefined,
    },
  );
  const samples = await waitFor(
    'a baseline',
    async () => {
      const query =
        'count_over_time((histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5s]))) < 0.1)[60s:1s])';
      const answer = (await (
        await fetch(`${job.prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      ).json()) as { data: { result: { value: [number, string] }[] } };
      const count = Number(answer.data.result[0]?.value[1] ?? 0);
      return count >= 15 && count;
    },
    { deadlineMs: 60_000, everyMs: 250 },
  );
  expect(samples).toBeGreaterThanOrEqual(15);
  expect(now.breaches).toEqual([]);

  await job.setPercentage(20);
  const before = await readFile(job.flagFile);
  const breach = await waitFor(
    'the breach with its suspect',
    () => now.breaches.find((one) => one.suspects.length > 0),
    {
      deadlineMs: 30_000,
    },
  );
  expect(breach.sli.id).toBe('checkout/p99');
  expect(breach.suspects[0]?.marker).toMatchObject({ subject: FLAG, fromPercentage: 0, toPercentage: 20 });

  const preview = await client.call('changes.preview', {
    action: 'kill',
    connection: 'local',
    flag: FLAG,
    environment: 'production',
  });
  expect(await readFile(job.flagFile)).toEqual(before);
  const change = await client.call('changes.propose', { preview: preview.hash, rationale: 'p99 tripled' });
  const accepted = await client.call('changes.execute', { hash: change.hash });
  expect(accepted.propagation.acceptedAtMs).not.toBeNull();

  let progress: ChangeProgress = accepted;
  const watching = client.listen(
    'changes.watch',
    { hash: change.hash },
    {
      snapshot: (value) => {
        progress = value;
      },
      delta: (value) => {
        progress = value;
      },
      error: () => undefined,
    },
  );
  await waitFor('observed by the service', () => progress.stage === 'observed', { deadlineMs: 30_000 });
  await waitFor('recovered', () => progress.recoveries.some((one) => one.verdict === 'recovered'), {
    deadlineMs: 60_000,
  });
  const [recovery] = progress.recoveries;
  expect(recovery?.tookMs).toBeGreaterThan(0);
  expect(recovery?.latest).toBeLessThanOrEqual(recovery?.limit ?? Number.NaN);
  expect((await job.checkout.latency('u1')).variant).toBe('off');

  const undo = await client.call('changes.preview', { action: 'undo', change: change.hash });
  const undone = await client.call('changes.propose', { preview: undo.hash, rationale: 'fixed' });
  await client.call('changes.execute', { hash: undone.hash });
  expect(await readFile(job.flagFile)).toEqual(before);
  watching.dispose();
  following.dispose();
});
