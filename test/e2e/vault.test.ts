import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { heldInMemory } from '../support/page-memory.ts';
import { lockConsole, unlockAs, view, who } from '../support/page-people.ts';
import { waitFor } from '../support/processes.ts';
import { type RunningRedis, startRedis } from '../support/redis.ts';
import { createTerminalTeam, PASSPHRASES, type TerminalTeam } from '../support/terminal-team.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const NAME = 'kv-admin';
const PASSWORD = 'canary-7d20c4e1-of-the-store';
const READY = /(?<!not )ready/;
const NOT_READY = /not ready|error|fatal/;
let folder: string;
let redis: RunningRedis;
let team: TerminalTeam;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-vault-page-'));
  redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'scram', 'on', `>${PASSWORD}`, '~*', '+@all');
  await redis.set('flags:production:enable_express', 'true');
  const url = `redis://127.0.0.1:${redis.port}/0`;
  team = await createTerminalTeam(folder, {
    connections: `  - { id: kv, kind: redis, url: "${url}", keys: { production: "flags:production:" }, credential: ${NAME} }\n`,
  });
  host = await startWebHost({ dataDir: team.first.dataDir, config: path.join(folder, 'config/scram.yaml') });
  browser = await startBrowser();
  ({ page, complaints } = await browser.open(host.url));
  await unlockAs(page, 'Alex Roe', PASSPHRASES.alex ?? '');
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

const credential = () => page.getByRole('table', { name: 'Credentials' }).getByRole('row', { name: NAME });

/** What Health says of the connection that needs the credential. */
async function waitForStore(words: RegExp): Promise<void> {
  await view(page, 'Health').click();
  const row = page.getByRole('row', { name: /^kv\b/ });
  await waitFor(`the connection is ${words}`, async () => words.test((await row.textContent()) ?? ''), {
    deadlineMs: 30_000,
  });
  await view(page, 'Setup').click();
}

describe('secrets at the page', () => {
  it('E2: a credential that is missing is set, its connection becomes ready, and the value is nowhere in the page', async () => {
    await waitForStore(NOT_READY);
    await credential().getByText('missing').waitFor();
    await page.getByRole('button', { name: `Set… ${NAME}` }).click();
    const dialog = page.getByRole('dialog', { name: `Set ${NAME}` });
    await dialog.getByLabel('Value').fill(`scram:${PASSWORD}`);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await credential().getByText('set', { exact: true }).waitFor();
    await waitForStore(READY);
    await view(page, 'Flags').click();
    await page.getByRole('row', { name: /enable_express/ }).waitFor();
    expect(await page.content()).not.toContain(PASSWORD);
    expect(await heldInMemory(page, [PASSWORD])).toEqual([]);
    expect(host.log()).not.toContain(PASSWORD);
  });

  it('E3: it is sealed to two people: its connection has it no more, and neither opens it alone', async () => {
    await view(page, 'Setup').click();
    await page.getByRole('button', { name: `Seal… ${NAME}` }).click();
    const dialog = page.getByRole('dialog', { name: `Seal ${NAME}` });
    await dialog.getByRole('checkbox', { name: 'Alex Roe' }).check();
    await dialog.getByText('Choose at least two people.').waitFor();
    await dialog.getByRole('checkbox', { name: 'Sam Poe' }).check();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Seal', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await credential().getByText('any two of Alex Roe, Sam Poe').waitFor();
    await credential().getByText('sealed').waitFor();
    await waitForStore(NOT_READY);
  });

  it('E3: it is opened together at one desk for a limited time, and sealed again when nobody is here', async () => {
    await page.getByRole('button', { name: `Open together… ${NAME}` }).click();
    const dialog = page.getByRole('dialog', { name: `Open ${NAME} together` });
    await dialog.getByText('Sam Poe').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByLabel('Their passphrase').fill('sam mends bicycles');
    await page.keyboard.press('Enter');
    await dialog.getByText('It stays sealed').waitFor();
    await dialog.getByLabel('Their passphrase').fill(PASSPHRASES.sam ?? '');
    await page.keyboard.press('Enter');
    await dialog.getByText(/open until \d\d:\d\d/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await credential()
      .getByText(/open until \d\d:\d\d/)
      .waitFor();
    await waitForStore(READY);
    expect(await heldInMemory(page, [PASSWORD, ...Object.values(PASSPHRASES)])).toEqual([]);
    // The one who unlocked it stays the one whose session it is.
    await expect(who(page).textContent()).resolves.toContain('alex');
    await lockConsole(page);
    await credential().getByText('sealed').waitFor();
  });

  it('E3: a holder elsewhere reads who asks, for what and until when before anything is given, by blocks of text', async () => {
    const elsewhere = await team.second();
    const other = await startWebHost({ dataDir: elsewhere.dataDir, config: path.join(folder, 'config-2/scram.yaml') });
    try {
      await unlockAs(page, 'Alex Roe', PASSPHRASES.alex ?? '');
      // It was sealed before Sam had a key on the other console.
      await sealAnew();
      await page.getByRole('button', { name: `Ask a holder elsewhere… ${NAME}` }).click();
      const asking = page.getByRole('dialog', { name: `Ask for a share of ${NAME}` });
      await asking.getByRole('button', { name: 'Make the block' }).click();
      const request = await asking.getByRole('textbox', { name: 'Request for a share' }).inputValue();
      const code = await asking.locator('code').first().textContent();
      expect(await axeViolations(page)).toEqual([]);

      const { page: sam } = await browser.open(other.url);
      await unlockAs(sam, 'Sam Poe', PASSPHRASES.sam ?? '');
      await view(sam, 'Setup').click();
      await sam.getByRole('button', { name: 'Answer a request…' }).click();
      const answering = sam.getByRole('dialog', { name: 'Answer a request for a share' });
      await answering.getByLabel('Request for a share').fill(request.replace('BEGIN', 'BEGINNING'));
      await answering.getByRole('button', { name: 'Read it' }).click();
      await waitFor(
        'it says what is wrong',
        async () => (await answering.getByLabel('Request for a share').getAttribute('aria-invalid')) === 'true',
      );
      await answering.getByLabel('Request for a share').fill(request);
      await answering.getByRole('button', { name: 'Read it' }).click();
      await answering.getByText(`Alex Roe asks for your share of ${NAME}.`).waitFor();
      await answering.getByText(code ?? 'no code').waitFor();
      await answering.getByText(/until \d\d:\d\d, for another/).waitFor();
      await expect(answering.getByRole('textbox').count()).resolves.toBe(0);
      expect(await axeViolations(sam)).toEqual([]);
      await answering.getByRole('button', { name: 'Give share' }).click();
      const answer = await answering.getByRole('textbox', { name: 'Answer with the share' }).inputValue();
      expect(answer).not.toContain(PASSWORD);

      await page.bringToFront();
      await asking.getByLabel('Answer with the share').fill(answer);
      await asking.getByRole('button', { name: 'Open', exact: true }).click();
      await asking.getByText(/open until \d\d:\d\d/).waitFor();
      await asking.getByRole('button', { name: 'Close' }).last().click();
      await waitForStore(READY);
    } finally {
      await other.stop();
    }
  });

  it('shows no error in the browser', () => {
    expect(complaints).toEqual([]);
  });
});

/** Out with it, in again, and sealed to every key that both have now. */
async function sealAnew(): Promise<void> {
  await page.getByRole('button', { name: `Remove… ${NAME}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove for ever' }).click();
  await credential().getByText('missing').waitFor();
  await page.getByRole('button', { name: 'Set a credential…' }).click();
  await page.getByLabel('Name').fill(NAME);
  await page.getByLabel('Value').fill(`scram:${PASSWORD}`);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Seal… ${NAME}` }).click();
  const dialog = page.getByRole('dialog', { name: `Seal ${NAME}` });
  for (const holder of ['Alex Roe', 'Sam Poe']) await dialog.getByRole('checkbox', { name: holder }).check();
  await dialog.getByRole('button', { name: 'Seal', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}
