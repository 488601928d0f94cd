import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { waitFor } from '../support/processes.ts';
import { type RunningHost, runScram, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
const VIEWS = ['Now', 'Flags', 'Incidents', 'Approvals', 'Health', 'Setup'] as const;
const THEMES = ['dark', 'light', 'contrast'] as const;
let dataDir: string;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'scram-sandbox-'));
  host = await startWebHost({ dataDir });
  browser = await startBrowser();
  ({ page, complaints } = await browser.open(host.url));
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** As one of the practice operators, on the running console. */
const scram = (operator: string, args: readonly string[]) =>
  runScram([...args, '--as', operator, '--data-dir', dataDir], { env: { SCRAM_PASSPHRASE: 'practice' } });

describe('the first start, with no configuration', () => {
  it('G1: shows the practice world, labelled as practice, with its breach and its suspect', async () => {
    await page
      .getByText(/practice/i)
      .first()
      .waitFor();
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    const suspects = page.getByRole('list', { name: 'Suspects' }).getByRole('listitem');
    await suspects.first().waitFor();
    await expect(suspects.first().textContent()).resolves.toContain(FLAG);
  });

  it('H1: has no axe violation in any view and theme', async () => {
    const found: string[] = [];
    for (const view of VIEWS) {
      await page.getByRole('navigation').getByRole('link', { name: view }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const theme of THEMES) {
        await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme);
        found.push(...(await axeViolations(page)).map((line) => `${view}, ${theme}: ${line}`));
      }
    }
    await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'));
    expect(found).toEqual([]);
  });

  it('A1: from Now to the kill dialog in three actions or fewer, by keyboard alone', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Now' }).click();
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    // 1: the palette; 2: what to do; 3: take the first answer.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(`kill ${FLAG}`);
    await page
      .getByRole('option', { name: new RegExp(`kill ${FLAG}`, 'i') })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: `Kill ${FLAG} in production` }).waitFor();
  });

  it('H1: the kill dialog has no axe violation, and Escape changes nothing', async () => {
    const dialog = page.getByRole('dialog', { name: `Kill ${FLAG} in production` });
    await dialog.getByRole('button', { name: 'Kill in production' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const file = path.join(dataDir, 'sandbox/production.flagd.json');
    const before = await readFile(file, 'utf8');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('B14, A4: a kill is requested, accepted, served, observed by every instance, and proven to help', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Now' }).click();
    await page
      .getByRole('button', { name: `Kill ${FLAG}`, exact: true })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: `Kill ${FLAG} in production` });
    await dialog.getByRole('button', { name: 'Kill in production' }).click();
    const propagation = page.getByRole('status', { name: 'Propagation' });
    await waitFor(
      'every instance observes it',
      async () => {
        const counts = /observed (\d+) of (\d+)/.exec((await propagation.textContent()) ?? '');
        return counts !== null && counts[1] === counts[2] && Number(counts[2]) > 1;
      },
      { deadlineMs: 30_000 },
    );
    const recovery = page.getByRole('status', { name: 'Recovery' });
    await waitFor('recovered', async () => /(?<!not )recovered/i.test((await recovery.textContent()) ?? ''), {
      deadlineMs: 60_000,
    });
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('E7, B7, D1: the terminal uses the running console: it sees the kill, and two people restore the flag', async () => {
    const listed = await runScram(['flags', '--env', 'production', '--json', '--data-dir', dataDir]);
    const { flags } = JSON.parse(listed.stdout) as { flags: { key: string; killed: boolean }[] };
    expect(flags.find((flag) => flag.key === FLAG)?.killed).toBe(true);
    const ask = ['restore', FLAG, '--env', 'production', '--reason', 'practice is over', '--yes'];
    const asked = await scram('alex', ask);
    expect(asked.code).toBe(3);
    const [, checkCode = ''] = /check code: ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(asked.stdout) ?? [];
    // The page of the same console shows what was asked for in the terminal.
    await page.getByRole('navigation').getByRole('link', { name: 'Approvals' }).click();
    await page.getByRole('list', { name: 'Yours' }).getByText(checkCode).waitFor();
    const own = await scram('alex', ['approve', checkCode, '--yes']);
    expect(own.code).toBe(3);
    const approved = await scram('sam', ['approve', checkCode, '--yes']);
    expect({ code: approved.code, stderr: approved.stderr }).toEqual({ code: 0, stderr: '' });
    const restored = await scram('alex', ['pending', '--execute', checkCode, '--yes', '--json']);
    expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 0, stderr: '' });
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await waitFor('the page sees it too', async () =>
      /20/.test((await page.getByRole('row', { name: new RegExp(FLAG) }).textContent()) ?? ''),
    );
  });

  it('the second instance on the same data folder says who holds it', async () => {
    await expect(startWebHost({ dataDir })).rejects.toThrow(new RegExp(`in use by process ${host.pid} \\(web\\)`));
  });

  it('shows no error in the browser', () => {
    expect(complaints).toEqual([]);
  });
});
