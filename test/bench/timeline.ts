import path from 'node:path';
import { loadOrCreateDeviceKey } from '../../electron/platform/crypto.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { EntryData } from '../../shared/model/entry.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { recordOf } from '../support/record.ts';
import { startWebHost } from '../support/web-host.ts';
import type { Bench } from './bench.ts';
import { quantile } from './quantile.ts';
import { makeWorld } from './world.ts';

const ENTRIES = 100_000;
const CHUNK = 1_000;
/** What happens around changes: entries that no service takes up again when it starts. */
const TOLD: ReadonlySet<EntryData['kind']> = new Set([
  'flag.seen-changed',
  'drift.began',
  'drift.ended',
  'note.added',
  'notify.sent',
]);

/** The data folder of a console that has run for long: a real chain, signed by its own device key. */
async function fill(dataDir: string, count: number): Promise<void> {
  const told = recordOf(1_600, Date.now())
    .map(({ body }) => body.data)
    .filter(({ kind }) => TOLD.has(kind));
  const signer = await loadOrCreateDeviceKey(path.join(dataDir, 'device.key'));
  const database = openDataFolderDatabase(dataDir);
  let atMs = Date.now() - (count / CHUNK) * 3_600_000;
  const clock = { now: () => atMs };
  const ledger = createLedger({ store: createLedgerStore(database), signer, clock, product: 'bench' });
  for (let written = 1; written < count; written += CHUNK) {
    atMs += 3_600_000;
    const chunk = Array.from({ length: Math.min(CHUNK, count - written) }, (_, index) => told[index % told.length]);
    ledger.appendAll(chunk.filter((data) => data !== undefined));
  }
  ledger.dispose();
  database.close();
}

/** In the page, before its own scripts: the time of the frame that shows the first entry in words and how many there are. */
function armFirstRow(): void {
  const state = window as Window & { firstRow?: Promise<number> };
  state.firstRow = new Promise((resolve) => {
    const look = () => {
      const row = document.querySelector('[role="row"][aria-rowindex="2"] button')?.textContent ?? '';
      const total = [...document.querySelectorAll('[role="status"]')].some((each) =>
        /\d[\d,]+ entries/.test(each.textContent ?? ''),
      );
      if (row === '' || !total) return void requestAnimationFrame(look);
      // After this frame's paint.
      requestAnimationFrame(() => resolve(performance.now()));
    };
    requestAnimationFrame(look);
  });
}

function readFirstRow(): Promise<number> {
  return (window as Window & { firstRow?: Promise<number> }).firstRow ?? Promise.reject(new Error('not armed'));
}

async function openLedger(browser: TestBrowser, url: string): Promise<number> {
  const page = await browser.context.newPage();
  await page.addInitScript(armFirstRow);
  await page.goto(url, { waitUntil: 'commit' });
  const ms = await page.evaluate(readFirstRow);
  await page.close();
  return ms;
}

/** In a page that shows another view: the time from the press on the link in the frame to the same frame. */
async function chooseLedger(browser: TestBrowser, url: string): Promise<number> {
  const { page } = await browser.open(url);
  const link = page.getByRole('contentinfo').getByRole('link', { name: /^Ledger/ });
  await link.waitFor();
  await page.evaluate(armFirstRow);
  const pressedMs = await link.evaluate((element) => {
    const atMs = performance.now();
    (element as HTMLElement).click();
    return atMs;
  });
  const ms = (await page.evaluate(readFirstRow)) - pressedMs;
  await page.close();
  return ms;
}

/** A console that has just started walks its chain first: what is measured is one that runs. */
async function verified(browser: TestBrowser, url: string): Promise<void> {
  const { page } = await browser.open(url);
  await page
    .getByRole('contentinfo')
    .getByText(/^Ledger [\d,]+verified$/)
    .waitFor({ timeout: 180_000 });
  await page.close();
}

/** Navigation → the first line of 100,000 entries in words, with their number, is painted. The console already runs. */
const timeline: Bench = {
  id: 'timeline',
  async run({ quick }) {
    const runs = quick ? 3 : 9;
    const world = await makeWorld({ flags: 100, charts: 0, metricsUrl: null });
    await fill(world.dataDir, ENTRIES);
    const host = await startWebHost(world);
    const browser = await startBrowser();
    try {
      const url = new URL(host.url);
      url.pathname = '/ledger';
      const cold = await openLedger(browser, url.href);
      await verified(browser, url.href);
      const times: number[] = [];
      for (let run = 0; run < runs; run += 1) times.push(await openLedger(browser, url.href));
      const chosen: number[] = [];
      for (let run = 0; run < runs; run += 1) chosen.push(await chooseLedger(browser, host.url));
      const line = { unit: 'ms', compare: 'aim', against: 500 };
      return [
        { id: 'timeline', value: quantile(times, 0.5), ...line, runs },
        { id: 'timeline:chosen', value: quantile(chosen, 0.5), ...line, runs },
        { id: 'timeline:p95', value: quantile(times, 0.95), ...line, runs },
        { id: 'timeline:first-visit', value: cold, ...line, runs: 1 },
      ];
    } finally {
      await browser.close();
      await host.stop();
      await world.remove();
    }
  },
};

export const benches: Bench[] = [timeline];
