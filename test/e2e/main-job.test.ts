import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { type MainJob, startMainJob } from '../support/main-job.ts';
import { waitFor } from '../support/processes.ts';
import { type RunningHost, runScram, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let job: MainJob;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;
let complaints: string[];
let beforeKill: Buffer;

const scram = (...args: string[]) => runScram([...args, '--data-dir', job.dataDir, '--config', job.config]);

beforeAll(async () => {
  job = await startMainJob();
  host = await startWebHost({ dataDir: job.dataDir, config: job.config });
  browser = await startBrowser();
  ({ page, complaints } = await browser.open(host.url));
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await job?.stop();
});

/** Steps of one story, on real input: each continues where the one before it ended. */
it('A3: shows the chart of the service while all is well', async () => {
  await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
  await page.getByRole('button', { name: 'Environment: production' }).waitFor();
  await waitFor(
    'Prometheus has a baseline of 15 samples below the objective',
    async () => {
      const query =
        'count_over_time((histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5s]))) < 0.1)[60s:1s])';
      const answer = (await (
        await fetch(`${job.prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      ).json()) as { data: { result: { value: [number, string] }[] } };
      return Number(answer.data.result[0]?.value[1] ?? 0) >= 15;
    },
    { deadlineMs: 60_000, everyMs: 250 },
  );
});

it('A7: the breach shows on Now within two scrapes of the source, and the raised flag stands first', async () => {
  await job.setPercentage(20);
  beforeKill = await readFile(job.flagFile);
  const breachedAt = await waitFor(
    'Prometheus itself computes a p99 past the objective',
    async () => {
      const query =
        'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5s]))) > 0.1';
      const answer = (await (
        await fetch(`${job.prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      ).json()) as { data: { result: unknown[] } };
      return answer.data.result.length > 0 ? Date.now() : null;
    },
    { deadlineMs: 30_000, everyMs: 100 },
  );
  await page
    .getByRole('button', { name: `Kill ${FLAG}` })
    .first()
    .waitFor();
  // Two scrapes of 1 s, the poll that sees the second, and the painting of the page.
  expect(Date.now() - breachedAt).toBeLessThan(4000);
  const suspects = page.getByRole('list', { name: 'Suspects' }).getByRole('listitem');
  await expect(suspects.first().textContent()).resolves.toContain(FLAG);
});

it('A6: the cohort with the flag on stands apart from the one with it off', async () => {
  const figure = page.getByRole('figure', { name: 'checkout p99 latency' });
  await waitFor('the chart names both cohorts', async () => {
    const text = (await figure.textContent()) ?? '';
    return /on/.test(text) && /off/.test(text);
  });
});

it('A1, B2, B3: kills the suspect with the keyboard, after saying exactly what will happen', async () => {
  await page
    .getByRole('button', { name: `Kill ${FLAG}` })
    .first()
    .press('Enter');
  const dialog = page.getByRole('dialog', { name: `Kill ${FLAG} in production` });
  await dialog.waitFor();
  const what = dialog.getByRole('region', { name: 'What will happen' });
  await waitFor('the preview is there', async () => (await what.textContent())?.includes('production.flagd.json'));
  await expect(what.textContent()).resolves.toMatch(/in production through local/);
  const killButton = dialog.getByRole('button', { name: 'Kill in production' });
  await waitFor('the confirmation has the focus', () => killButton.evaluate((node) => node === document.activeElement));
  await page.keyboard.press('Enter');
  await waitFor('the file serves the off variant to everyone', async () => {
    const flag = (
      JSON.parse(await readFile(job.flagFile, 'utf8')) as {
        flags: Record<string, { defaultVariant: string; targeting?: unknown }>;
      }
    ).flags[FLAG];
    return flag?.defaultVariant === 'off' && flag.targeting === undefined;
  });
});

it('B14: says requested, accepted, served and observed by the service', async () => {
  const propagation = page.getByRole('status', { name: 'Propagation' });
  await waitFor('observed 1 of 1', async () => /observed 1 of 1/.test((await propagation.textContent()) ?? ''), {
    deadlineMs: 30_000,
  });
  const text = (await propagation.textContent()) ?? '';
  for (const word of ['requested', 'accepted', 'served']) expect(text).toContain(word);
});

it('A4: the latency falls and Recovery says recovered, with a duration', async () => {
  await waitFor('the service is fast for each user', async () => (await job.checkout.latency('u1')).ms < 150);
  const recovery = page.getByRole('status', { name: 'Recovery' });
  await waitFor(
    'recovered',
    async () =>
      /recovered/i.test((await recovery.textContent()) ?? '') &&
      !/not recovered/i.test((await recovery.textContent()) ?? ''),
    {
      deadlineMs: 60_000,
    },
  );
  await expect(recovery.textContent()).resolves.toMatch(/\d+(\.\d+)? ?s/);
  await page.screenshot({ path: path.join(job.folder, 'recovered.png') });
});

it('D6: the ledger verifies while the console runs', async () => {
  const verified = await scram('ledger', 'verify', '--json');
  expect(verified.stderr).toBe('');
  expect(verified.code).toBe(0);
});

it('B7: undo restores the file byte for byte', async () => {
  await page.getByRole('button', { name: /^Undo/ }).first().click();
  const dialog = page.getByRole('dialog', { name: `Undo ${FLAG} in production` });
  await dialog.waitFor();
  const typed = dialog.getByRole('textbox', { name: /type/i });
  await typed.fill(FLAG);
  await dialog.getByRole('button', { name: 'Undo in production' }).click();
  await waitFor('the file is as it was', async () => (await readFile(job.flagFile)).equals(beforeKill));
});

it('shows no error in the browser, and ends on SIGTERM with 0', async () => {
  expect(complaints).toEqual([]);
  await expect(host.stop()).resolves.toBe(0);
  const verified = await scram('ledger', 'verify', '--json');
  expect(verified.code).toBe(0);
});
