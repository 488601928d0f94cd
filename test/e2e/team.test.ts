import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { unlockAs, view } from '../support/page-people.ts';
import { waitFor } from '../support/processes.ts';
import { startTeamPostgres, type TeamPostgres } from '../support/team-postgres.ts';
import { PASSPHRASE, startTwoConsoles, type TwoConsoles } from '../support/two-consoles.ts';

const FLAG = 'enable_new_pricing';
/** From the request on one page to its sight on the other. */
const SEEN_WITHIN_MS = 2_000;
let folder: string;
let postgres: TeamPostgres;
let consoles: TwoConsoles;
let browser: TestBrowser;
let alex: Page;
let sam: Page;
let complaints: readonly string[][];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-team-pages-'));
  postgres = await startTeamPostgres();
  const schema = await postgres.newSchema();
  consoles = await startTwoConsoles(folder, {
    more: `teamStore: { kind: postgres, credential: env:TEAM_DB, schema: ${schema}, poll: 1s }`,
    env: { TEAM_DB: postgres.consoleUrl() },
  });
  browser = await startBrowser();
  const pages = [await browser.open(consoles.alex.url), await browser.open(consoles.sam.url)] as const;
  [alex, sam] = [pages[0].page, pages[1].page];
  complaints = pages.map((opened) => opened.complaints);
  await unlockAs(alex, 'Alex', PASSPHRASE);
  await unlockAs(sam, 'Sam', PASSPHRASE);
});

afterAll(async () => {
  await browser?.close();
  await consoles?.stop();
  await postgres?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const footer = (page: Page) => page.locator('footer');
const synced = (page: Page) => footer(page).getByText(/Team store: synced/);
const waitingList = (page: Page) => page.getByRole('list', { name: 'Waiting for approval' });

/** Alex asks for a kill; returns when that was. */
async function askForKill(): Promise<number> {
  await alex.bringToFront();
  await view(alex, 'Flags').click();
  await alex.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).click();
  const ask = alex.getByRole('button', { name: 'Ask for approval' });
  await waitFor('the change was read', async () => (await ask.getAttribute('aria-disabled')) !== 'true');
  const atMs = Date.now();
  await ask.click();
  return atMs;
}

describe('a team of two consoles with a PostgreSQL between them', () => {
  it('D8: each sees who else is here and what they are at', async () => {
    for (const page of [alex, sam]) await synced(page).waitFor();
    await alex.bringToFront();
    await view(alex, 'Health').click();
    await footer(sam)
      .getByRole('list', { name: 'Who else is here' })
      .getByText(/Alex.*Health, production/)
      .waitFor();
    await footer(alex)
      .getByRole('list', { name: 'Who else is here' })
      .getByText(/Sam.*Now, production/)
      .waitFor();
    expect(await axeViolations(alex)).toEqual([]);
  });

  it('D4, D8: what is asked for on one page is on the other within 2 s without a reload, approved there and run here', async () => {
    const askedMs = await askForKill();
    await waitFor('sam’s title counts it', async () => /^\(1\) /.test(await sam.title()), { everyMs: 20 });
    expect(Date.now() - askedMs).toBeLessThan(SEEN_WITHIN_MS);
    await alex.getByText('Over the team store: the others see it now. Only wait.').waitFor();
    const code = await alex
      .getByRole('dialog')
      .getByTitle(/Read it to each other/)
      .first()
      .textContent();

    await sam.bringToFront();
    await sam.getByText(/^Alex asks for your approval\. Set enable_new_pricing to off in production/).waitFor();
    const badge = await view(sam, 'Approvals').evaluate((link) => {
      const described = document.getElementById(link.getAttribute('aria-describedby') ?? '');
      return [link.textContent, described?.textContent];
    });
    expect(badge).toEqual(['Approvals1', '1 waits for you']);
    await sam.getByRole('link', { name: 'Look at it' }).click();
    const list = waitingList(sam);
    await list.getByText('came over the team store').waitFor();
    await expect(list.getByTitle(/Read it to each other/).textContent()).resolves.toBe(code);
    expect(await consoles.flags()).toContain('fractional');
    await list.getByRole('button', { name: 'Approve', exact: true }).click();
    await list.getByRole('listitem').waitFor({ state: 'detached' });

    await alex.bringToFront();
    await alex.getByRole('dialog').getByText('Approved by Sam.').waitFor();
    expect(await consoles.flags()).toContain('fractional');
    await alex.getByRole('dialog').getByRole('button', { name: 'Kill in production' }).click();
    await waitFor('the provider has it', async () => !(await consoles.flags()).includes('fractional'));
    await alex.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    await sam.bringToFront();
    await sam.getByText('1 request that ended').click();
    await sam.getByRole('list', { name: 'Ended' }).getByText('Executed.').waitFor();
    await waitFor('the title counts nothing', async () => !/^\(/.test(await sam.title()));
  });

  it('D4, D8: with the database gone both pages say so and go on alone; a block of text goes over, and all is merged later', async () => {
    await postgres.stop();
    for (const page of [alex, sam]) {
      await footer(page)
        .getByText(/Team store: away since \d\d:\d\d/)
        .waitFor({ timeout: 30_000 });
    }
    await alex.bringToFront();
    await view(alex, 'Now').click();
    await alex
      .getByRole('button', { name: `Undo ${FLAG} in production` })
      .first()
      .click();
    await alex.getByLabel(`Type ${FLAG}`).fill(FLAG);
    await alex.getByLabel('Reason').fill('fixed in 2.4.1');
    await alex.getByRole('button', { name: 'Ask for approval' }).click();
    await alex.getByText(/Over the team store: away since .* it goes out by itself/).waitFor();
    await alex.getByRole('button', { name: 'As text or QR…' }).click();
    const request = await alex.getByRole('textbox', { name: 'Request as text' }).inputValue();
    expect(await axeViolations(alex)).toEqual([]);

    await sam.bringToFront();
    await sam.getByText('Paste a request or an answer…').click();
    await sam.getByLabel('Request or answer').fill(request);
    await sam.getByRole('button', { name: 'Take it in' }).click();
    const list = waitingList(sam);
    await list.getByText('fixed in 2.4.1').waitFor();
    await list.getByText('came as a text block').waitFor();
    await list.getByRole('button', { name: 'Approve', exact: true }).click();
    await sam.getByText('Pass the answer on to Alex').waitFor();
    const answer = await sam.getByRole('textbox', { name: 'Answer as text' }).inputValue();

    await alex.bringToFront();
    await alex.getByLabel('Paste the answer').fill(answer);
    await alex.getByRole('button', { name: 'Take it in' }).click();
    await alex.getByRole('dialog').getByText('Approved by Sam.').first().waitFor();
    await alex.getByRole('dialog').getByRole('button', { name: 'Undo in production' }).click();
    await waitFor('the provider has it back', async () => (await consoles.flags()).includes('fractional'));
    await alex.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    await postgres.start();
    for (const page of [alex, sam]) await synced(page).waitFor({ timeout: 60_000 });
    await sam.bringToFront();
    await sam.getByText('2 requests that ended').waitFor({ timeout: 30_000 });
    await waitFor(
      'sam’s console knows that both were executed',
      async () => (await sam.getByRole('list', { name: 'Ended' }).getByText('Executed.').count()) === 2,
    );
  });

  it('shows no error in the browser', () => {
    expect(complaints.flat()).toEqual([]);
  });
});
