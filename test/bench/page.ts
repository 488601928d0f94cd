import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';
import type { Bench } from './bench.ts';
import { startMetricsServer } from './metrics-server.ts';
import { quantile } from './quantile.ts';
import { type BenchWorld, makeWorld, NAMED_FLAG } from './world.ts';

const root = path.resolve(import.meta.dirname, '../..');
const AIM = 'aim';

/** A host's resident memory, megabytes. */
async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Waits until the button is there and can be pressed: a page that still loads may show it before it is usable. */
async function killButton(page: Page): Promise<void> {
  const button = page.locator(`button[aria-label="Kill ${NAMED_FLAG}"]:not([aria-disabled="true"]):enabled`);
  await button.waitFor();
}

/** Process start → the kill button of one named flag of 10,000 can be pressed. The browser itself already runs. */
const startToControl: Bench = {
  id: 'start-to-control',
  async run({ quick }) {
    const runs = quick ? 2 : 7;
    const world = await makeWorld({ flags: 10_000, charts: 0, metricsUrl: null });
    const times: number[] = [];
    try {
      // The first start reads everything and fills the cache: what is measured are the ones after it.
      for (let run = 0; run <= runs; run += 1) {
        const browser = await startBrowser();
        const startedMs = performance.now();
        const host = await startWebHost(world);
        const { page } = await browser.open(flagsUrl(host));
        await page.getByRole('searchbox', { name: 'Find a flag' }).fill(NAMED_FLAG);
        await killButton(page);
        if (run > 0) times.push(performance.now() - startedMs);
        await page.getByRole('row').nth(1).waitFor();
        await browser.close();
        await host.stop();
      }
    } finally {
      await world.remove();
    }
    return [{ id: 'start-to-control', value: quantile(times, 0.5), unit: 'ms', compare: AIM, against: 1500, runs }];
  },
};

/** The token in the address is traded for the cookie, then the Flags view opens. */
function flagsUrl(host: RunningHost): string {
  const url = new URL(host.url);
  url.pathname = '/flags';
  return url.href;
}

/** Script that index.html loads before anything is drawn, gzip, kB. */
const bundleInitial: Bench = {
  id: 'bundle-initial',
  async run() {
    const dist = path.join(root, 'dist/page');
    const html = await readFile(path.join(dist, 'index.html'), 'utf8');
    const scripts = [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map((match) => match[1] ?? '');
    const names = await readdir(dist);
    if (scripts.length === 0) throw new Error(`index.html names no script; dist/page has ${names.join(', ')}`);
    let bytes = 0;
    for (const script of scripts) bytes += gzipSync(await readFile(path.join(dist, script)), { level: 9 }).length;
    return [{ id: 'bundle-initial', value: bytes / 1000, unit: 'kB', compare: AIM, against: 250, runs: 1 }];
  },
};

/** One key press → the frame in which the first matching row is painted, measured in the page. */
const flagSearch: Bench = {
  id: 'flag-search',
  async run({ quick }) {
    const runs = quick ? 10 : 60;
    const world = await makeWorld({ flags: 10_000, charts: 0, metricsUrl: null });
    const host = await startWebHost(world);
    const browser = await startBrowser();
    try {
      const { page } = await browser.open(flagsUrl(host));
      const box = page.getByRole('searchbox', { name: 'Find a flag' });
      await box.waitFor();
      await page.getByRole('row').nth(3).waitFor();
      await box.focus();
      const times: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        // Every search goes from «enable_feature_0NNN» to one digit more: the row must be the new one's.
        const wanted = `enable_feature_${String((run * 997) % 10_000).padStart(5, '0')}`;
        await box.fill(wanted.slice(0, -1));
        await page.evaluate(armPaintTimer, wanted);
        await page.keyboard.press(wanted.slice(-1));
        times.push(await page.evaluate(readPaintTimer));
      }
      const p95 = quantile(times, 0.95);
      return [
        { id: 'flag-search', value: p95, unit: 'ms', compare: AIM, against: 50, runs },
        { id: 'flag-search:p50', value: quantile(times, 0.5), unit: 'ms', compare: AIM, against: 50, runs },
      ];
    } finally {
      await browser.close();
      await host.stop();
      await world.remove();
    }
  },
};

/** In the page: from the key's own time stamp to the first frame whose first row is the wanted one. */
function armPaintTimer(wanted: string): void {
  const first = () => document.querySelector('[role="row"][aria-rowindex="2"]')?.textContent ?? '';
  const state = window as Window & { painted?: Promise<number> };
  state.painted = new Promise((resolve) => {
    window.addEventListener(
      'keydown',
      (event) => {
        const look = () => {
          if (!first().includes(wanted)) return void requestAnimationFrame(look);
          // After this frame's paint.
          requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
        };
        look();
      },
      { once: true, capture: true },
    );
  });
}

function readPaintTimer(): Promise<number> {
  return (window as Window & { painted?: Promise<number> }).painted ?? Promise.reject(new Error('not armed'));
}

interface LongTasks {
  longest: number;
  busy: number;
}

/** Watches long tasks for `forMs`; the share of time busy comes from Chromium's own task counter. */
async function watchTasks(page: Page, forMs: number): Promise<LongTasks> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const taskSeconds = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await taskSeconds();
  const started = performance.now();
  const longest = await page.evaluate(
    (limit) =>
      new Promise<number>((resolve) => {
        let worst = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) worst = Math.max(worst, entry.duration);
        });
        observer.observe({ type: 'longtask' });
        setTimeout(() => {
          observer.disconnect();
          resolve(worst);
        }, limit);
      }),
    forMs,
  );
  const seconds = (performance.now() - started) / 1000;
  return { longest, busy: ((await taskSeconds()) - before) / seconds };
}

async function withCharts<T>(run: (page: Page, host: RunningHost, world: BenchWorld) => Promise<T>): Promise<T> {
  const metrics = await startMetricsServer();
  const world = await makeWorld({ flags: 10_000, charts: 12, metricsUrl: metrics.url });
  const host = await startWebHost(world);
  const browser = await startBrowser();
  try {
    const { page } = await browser.open(host.url);
    await page.getByRole('figure').nth(11).waitFor({ state: 'attached' });
    return await run(page, host, world);
  } finally {
    await browser.close();
    await host.stop();
    await world.remove();
    await metrics.close();
  }
}

/**
 * 12 charts, one hour at 1 s, a new point each second. A long task is one over 50 ms; 0 means that there was none.
 * Charts scrolled out of sight are drawn less often, so it is measured in a common window and in one that shows all 12.
 */
const chartsLive: Bench = {
  id: 'charts-live',
  run: ({ quick }) =>
    withCharts(async (page) => {
      const seconds = quick ? 5 : 30;
      const measure = async () => {
        // The first drawing of all charts is over when two seconds pass without a long task.
        for (let calm = 0; calm < 2; ) calm = (await watchTasks(page, 1000)).longest === 0 ? calm + 1 : 0;
        return watchTasks(page, seconds * 1000);
      };
      const usual = await measure();
      await page.setViewportSize({ width: 1440, height: 2700 });
      const all = await measure();
      return [
        { id: 'charts-live', value: usual.longest, unit: 'ms', compare: AIM, against: 50, runs: seconds },
        {
          id: 'charts-live:busy',
          value: usual.busy,
          unit: 'share',
          compare: 'whole window',
          against: 1,
          runs: seconds,
        },
        { id: 'charts-live:all-in-sight', value: all.longest, unit: 'ms', compare: AIM, against: 50, runs: seconds },
        {
          id: 'charts-live:all-busy',
          value: all.busy,
          unit: 'share',
          compare: 'whole window',
          against: 1,
          runs: seconds,
        },
      ];
    }),
};

/** Resident memory of the host and heap of the page after a collection: 10,000 flags and 12 charts. */
const memory: Bench = {
  id: 'memory',
  run: ({ quick }) =>
    withCharts(async (page, host) => {
      await page.getByRole('link', { name: 'Flags' }).click();
      await page.getByRole('row').nth(3).waitFor();
      await page.getByRole('link', { name: 'Now' }).click();
      await page.getByRole('figure').nth(11).waitFor({ state: 'attached' });
      await watchTasks(page, quick ? 3000 : 15_000);
      const client = await page.context().newCDPSession(page);
      await client.send('HeapProfiler.collectGarbage');
      const { usedSize } = await client.send('Runtime.getHeapUsage');
      return [
        { id: 'memory:host', value: await rssMb(host.pid), unit: 'MB', compare: AIM, against: 180, runs: 1 },
        { id: 'memory:page', value: usedSize / 1_048_576, unit: 'MB', compare: AIM, against: 120, runs: 1 },
      ];
    }),
};

export const benches: Bench[] = [startToControl, bundleInitial, flagSearch, chartsLive, memory];
