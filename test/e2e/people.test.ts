import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { heldInMemory } from '../support/page-memory.ts';
import { becomes, lockConsole, lockedChip, passphrase, unlockDialog, view, who } from '../support/page-people.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let folder: string;
let browser: TestBrowser;
let host: RunningHost;
let page: Page;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-people-page-'));
  browser = await startBrowser();
  host = await startWebHost({ dataDir: folder });
  ({ page } = await browser.open(host.url));
  await who(page).waitFor();
});

afterEach(async () => {
  await browser?.close();
  await host?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('people at the console', () => {
  it('D5: a locked console shows everything; what is pressed leads to Unlock and goes on afterwards', async () => {
    await lockConsole(page);
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    await page
      .getByRole('button', { name: `Kill ${FLAG}`, exact: true })
      .first()
      .click();
    await unlockDialog(page).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await passphrase(page).fill('not it');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase of Alex.').waitFor();
    await expect(passphrase(page).inputValue()).resolves.toBe('');
    await page.keyboard.press('Escape');
    await unlockDialog(page).waitFor({ state: 'detached' });
    // Esc left the confirmation where it was, and nothing was read.
    await page
      .getByRole('dialog', { name: `Kill ${FLAG} in production` })
      .getByText('Nothing was written')
      .waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    await passphrase(page).fill('practice');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'What will happen' }).waitFor();
  });

  it('D5: who may only look finds what they may not do disabled, with the reason', async () => {
    await becomes(page, 'Robin');
    const kill = page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).first();
    await expect(kill.getAttribute('aria-disabled')).resolves.toBe('true');
    await expect(kill.getAttribute('aria-description')).resolves.toMatch(/responder.*Robin has: viewer/);
    await kill.click({ force: true });
    await expect(page.getByRole('dialog').count()).resolves.toBe(0);
  });

  it('D5, E2: a passphrase is changed; the old one opens nothing, and none stays in the page', async () => {
    const [old, next] = ['practice', 'three herons over a weir'];
    await who(page).click();
    // Only the desktop host has the operating system's keychain: nothing offers it here.
    await expect(page.getByRole('menuitem').allTextContents()).resolves.toEqual(['Lock now', 'Change passphrase…']);
    await page.getByRole('menuitem', { name: 'Change passphrase…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change passphrase' });
    await dialog.getByLabel('Present passphrase').fill(old);
    await dialog.getByLabel('New passphrase', { exact: true }).fill(next);
    await dialog.getByLabel('New passphrase again').fill('three herons over a wire');
    await page.keyboard.press('Enter');
    await dialog.getByText('The two differ.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByLabel('New passphrase again').fill(next);
    await page.keyboard.press('Enter');
    await page.getByText('The passphrase is changed on this console.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await lockConsole(page);
    await lockedChip(page).click();
    await unlockDialog(page).getByRole('radio', { name: 'Alex' }).check();
    await passphrase(page).fill(old);
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase of Alex.').waitFor();
    await passphrase(page).fill(next);
    await page.keyboard.press('Enter');
    await who(page).waitFor();
    expect(await heldInMemory(page, [next])).toEqual([]);
  });

  it('D5: an admin takes somebody’s key off this console; their own, nobody does', async () => {
    await view(page, 'Setup').click();
    const take = (name: string) => page.getByRole('button', { name: `Take key off this console… ${name}` });
    await expect(take('Robin').getAttribute('aria-disabled')).resolves.toBe('true');
    await becomes(page, 'Kim');
    await expect(take('Kim').getAttribute('title')).resolves.toMatch(/Nobody takes their own key away/);
    await take('Robin').click();
    const dialog = page.getByRole('dialog', { name: 'Take the key of Robin off this console' });
    await dialog.getByText('Robin can no longer unlock this console').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Take the key off' }).click();
    await dialog.waitFor({ state: 'detached' });
    await take('Robin').waitFor({ state: 'detached' });
    await lockConsole(page);
    await lockedChip(page).click();
    await unlockDialog(page).getByRole('radio', { name: 'Sam' }).waitFor();
    await expect(unlockDialog(page).getByRole('radio', { name: 'Robin' }).count()).resolves.toBe(0);
  });

  it('H1: the dialogs for people, incidents and status updates have no axe violation in any theme', async () => {
    const found: string[] = [];
    const look = async (title: string) => {
      await page.getByRole('dialog', { name: title }).waitFor();
      for (const theme of ['dark', 'light', 'contrast']) {
        await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme);
        found.push(...(await axeViolations(page)).map((line) => `${title}, ${theme}: ${line}`));
      }
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await view(page, 'Setup').click();
    await page.getByRole('button', { name: 'Enrol on this console…' }).click();
    await look('Enrol on this console');
    await page.getByRole('button', { name: 'Answer a request…' }).click();
    await look('Answer a request for a share');
    await view(page, 'Incidents').click();
    await page.getByRole('button', { name: 'Open incident…' }).click();
    await look('Open incident');
    await page.getByRole('button', { name: 'Status update…' }).click();
    await look('Status update');
    expect(found).toEqual([]);
  });
});
