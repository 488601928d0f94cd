import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { checkoutFlags } from '../support/checkout.ts';
import { freePort, waitFor } from '../support/processes.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let folder: string;
let dataDir: string;
let config: string;
let host: RunningHost;
let browser: TestBrowser;

const configText = (metricsPort: number) => `version: 1
team: payments
environments:
  production: { tone: production }
  staging: {}
connections:
  - { id: local, kind: flagd, files: { production: ./production.json, staging: ./staging.json } }
  - { id: prom, kind: prometheus, url: http://127.0.0.1:${metricsPort} }
services:
  - id: checkout
    flags: [ { connection: local, key: ${FLAG} } ]
    slis:
      - { id: p99, name: p99 latency, connection: prom, query: up, unit: s, objective: { below: 1 } }
`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-states-'));
  dataDir = path.join(folder, 'data');
  config = path.join(folder, 'scram.yaml');
  await mkdir(dataDir);
  // Nothing listens on the metric source's port: the control plane of this story is down from the start.
  await writeFile(config, configText(await freePort()));
  await writeFile(path.join(folder, 'production.json'), checkoutFlags(20));
  await writeFile(path.join(folder, 'staging.json'), checkoutFlags(0));
  host = await startWebHost({ dataDir, config });
  browser = await startBrowser();
});

afterEach(async () => {
  await browser.close();
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

const controlPlane = (page: Page) => page.getByRole('status', { name: 'Control plane' });

describe('the page when something is wrong', () => {
  it('H3: says which source is unreachable, in the frame and on Health, and the kill still works', async () => {
    const { page } = await browser.open(host.url);
    await waitFor('the frame says that something is down', async () =>
      /down|unreachable|not reachable/i.test((await controlPlane(page).textContent()) ?? ''),
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('navigation').getByRole('link', { name: 'Health' }).click();
    await page.getByText(/prom/).first().waitFor();
    await page
      .getByText(/ECONNREFUSED|refused/i)
      .first()
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kill in production' }).click();
    const propagation = page.getByRole('status', { name: 'Propagation' });
    await waitFor('served', async () => /served/.test((await propagation.textContent()) ?? ''));
  });

  it('C1: a broken configuration is shown with its line, what was last good goes on, and mending it clears the problem', async () => {
    const { page } = await browser.open(host.url);
    await page.getByRole('navigation').getByRole('link', { name: 'Health' }).click();
    const good = configText(1);
    await writeFile(config, good.replace('team: payments', 'taem: payments'));
    await page
      .getByText(/scram\.yaml:2/)
      .first()
      .waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByRole('row', { name: new RegExp(FLAG) }).waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Health' }).click();
    await writeFile(config, good.replace('id: checkout', 'id: kiosk'));
    await page
      .getByText(/scram\.yaml:2/)
      .first()
      .waitFor({ state: 'detached' });
  });

  it('E1: when the host goes away the page says so and keeps what it knew', async () => {
    const { page } = await browser.open(host.url);
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByRole('row', { name: new RegExp(FLAG) }).waitFor();
    await host.stop();
    await page
      .getByText(/connection to the console|lost|not connected|console (is|has)/i)
      .first()
      .waitFor();
    await page.getByRole('row', { name: new RegExp(FLAG) }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('B3: switching the environment closes a half-filled confirmation', async () => {
    const { page } = await browser.open(host.url);
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).click();
    await page.getByRole('dialog', { name: `Kill ${FLAG} in production` }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Environment: production' }).click();
    await page.getByRole('menuitemradio', { name: 'staging' }).click();
    await page.getByRole('button', { name: 'Environment: staging' }).waitFor();
    await expect(page.getByRole('dialog').count()).resolves.toBe(0);
  });

  it.each([
    [1440, 900],
    [1024, 768],
    [720, 450],
  ])('H1: nothing is cut off sideways at %i×%i', async (width, height) => {
    const { page } = await browser.open(host.url, { width, height });
    for (const view of ['Now', 'Flags', 'Approvals', 'Health', 'Setup']) {
      await page.getByRole('navigation').getByRole('link', { name: view }).click();
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${view} at ${width}`).toBeLessThanOrEqual(0);
    }
  });

  it('H2: the whole frame speaks German when German is chosen', async () => {
    const { page } = await browser.open(host.url);
    await page.evaluate(() => localStorage.setItem('scram.language', 'de'));
    await page.reload();
    await waitFor('the page is in German', async () => (await page.locator('html').getAttribute('lang')) === 'de');
  });
});
