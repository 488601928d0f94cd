import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { waitFor } from '../support/processes.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let dataDir: string;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'scram-keyboard-'));
  host = await startWebHost({ dataDir });
  browser = await startBrowser();
  ({ page } = await browser.open(host.url));
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
});

const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
const killDialog = () => page.getByRole('dialog', { name: `Kill ${FLAG} in production` });

describe('the keyboard alone', () => {
  it('A1: a cold page, Ctrl-K, the words, Enter: the dialog stands with the focus on what confirms it', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(`kill ${FLAG}`);
    await page.getByRole('option', { name: `Kill ${FLAG} in production` }).waitFor();
    await page.keyboard.press('Enter');
    await killDialog().waitFor();
    await waitFor('the confirmation has the focus', async () => (await focused()) === 'Kill in production');
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(ring).toBe('solid');
    await page.keyboard.press('Escape');
    await killDialog().waitFor({ state: 'detached' });
  });

  it('H1: a dialog gives the focus back to the button that opened it', async () => {
    const opener = page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).first();
    await opener.waitFor();
    await opener.focus();
    await page.keyboard.press('Enter');
    await killDialog().waitFor();
    await waitFor('the confirmation has the focus', async () => (await focused()) === 'Kill in production');
    await page.keyboard.press('Escape');
    await killDialog().waitFor({ state: 'detached' });
    await waitFor('the focus is where it was', async () => (await focused()) === `Kill ${FLAG}`);
  });

  it('H1: the palette gives the focus back, also through the dialog that it opened', async () => {
    const opener = page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).first();
    await opener.focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await waitFor('the focus is where it was', async () => (await focused()) === `Kill ${FLAG}`);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(`kill ${FLAG}`);
    await page.getByRole('option', { name: `Kill ${FLAG} in production` }).waitFor();
    await page.keyboard.press('Enter');
    await killDialog().waitFor();
    await waitFor('the confirmation has the focus', async () => (await focused()) === 'Kill in production');
    await page.keyboard.press('Escape');
    await killDialog().waitFor({ state: 'detached' });
    await waitFor('the focus is where it was', async () => (await focused()) === `Kill ${FLAG}`);
  });

  it.each([
    ['1', 'Now in production'],
    ['2', 'Flags'],
    ['3', 'Health'],
    ['4', 'Setup'],
    ['5', 'Ledger'],
  ])('H1: key %s leads to the view with the one heading "%s", and every landmark stands once', async (key, title) => {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' });
    await expect(page.getByRole('heading', { level: 1 }).count()).resolves.toBe(1);
    for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
      await expect(page.getByRole(landmark).count(), landmark).resolves.toBe(1);
    }
  });

  it('H1: what ticks each second is announced to nobody', async () => {
    await page.keyboard.press('1');
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    const said = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('[role="status"], [role="alert"], [aria-live="polite"]')]
          .map((each) => each.textContent)
          .join('|'),
      );
    await page.getByText('misses its objective').waitFor({ state: 'attached' });
    const before = await said();
    const clock = page.getByText(/^UTC /);
    const start = await clock.textContent();
    await waitFor('three seconds have gone by on the page', async () => {
      const [from, to] = [start, await clock.textContent()].map((text) => Number(/(\d\d)$/.exec(text ?? '')?.[1]));
      return ((to ?? 0) - (from ?? 0) + 60) % 60 >= 3;
    });
    expect(await said()).toBe(before);
  });

  it('G1: Setup suggests a directory of this machine, so that leaving the practice is one press', async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('4');
    const directory = page.getByRole('textbox', { name: 'Directory' });
    await waitFor('a directory is there', async () => (await directory.inputValue()) === path.join(dataDir, 'config'));
  });

  it('H2: at 1024×768 in German no table, view or name is cut off', async () => {
    await page.evaluate(() => localStorage.setItem('scram.language', 'de'));
    await page.setViewportSize({ width: 1024, height: 768 });
    for (const view of ['now', 'flags', 'health', 'setup', 'ledger']) {
      await page.goto(new URL(`/${view}`, host.url).href);
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
      if (view === 'now') await page.getByRole('table').waitFor();
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('main, nav a, [role="table"], table, button, h2')]
          .map((each) => (each.tagName === 'TABLE' ? (each.parentElement ?? each) : each))
          .filter((each) => each.scrollWidth > each.clientWidth + 1)
          .map((each) => `${each.tagName} ${each.textContent?.slice(0, 40)}`),
      );
      expect(cut, view).toEqual([]);
    }
    await page.evaluate(() => localStorage.setItem('scram.language', 'en'));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(new URL('/now', host.url).href);
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
  });

  it('the palette leads to the flags of one service', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('flags of search');
    await page.getByRole('option', { name: 'Flags of search' }).waitFor();
    await page.getByRole('option', { name: 'Flags of search' }).click();
    await page.getByRole('row', { name: 'ops_search_timeout_ms' }).waitFor();
    await expect(page.getByRole('row', { name: FLAG }).count()).resolves.toBe(0);
  });
});
