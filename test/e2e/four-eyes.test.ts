import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { waitFor } from '../support/processes.ts';
import { PASSPHRASE, startTwoConsoles, type TwoConsoles } from '../support/two-consoles.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let folder: string;
let browser: TestBrowser;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-approvals-'));
  browser = await startBrowser();
});

afterEach(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const view = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });
const unlock = (page: Page) => page.getByRole('dialog', { name: 'Unlock' });
const who = (page: Page) => page.locator('footer').getByRole('button', { name: /unlocked/ });
const passphrase = (page: Page) => page.getByRole('textbox', { name: 'Passphrase', exact: true });
const propagation = (page: Page) => page.getByRole('status', { name: 'Propagation' }).first();

async function lockConsole(page: Page): Promise<void> {
  await who(page).click();
  await page.getByRole('menuitem', { name: 'Lock now' }).click();
  await page.locator('footer').getByRole('button', { name: 'locked', exact: true }).waitFor();
}

/** Whoever is there locks, and somebody else unlocks. */
async function becomes(page: Page, name: string): Promise<void> {
  await lockConsole(page);
  await page.locator('footer').getByRole('button', { name: 'locked', exact: true }).click();
  await unlock(page).getByRole('radio', { name }).check();
  await passphrase(page).fill('practice');
  await page.keyboard.press('Enter');
  await page
    .locator('footer')
    .getByRole('button', { name: new RegExp(name, 'i') })
    .waitFor();
}

/** Kills the flag alone, as the sandbox's policy lets one do, and asks for its undo, which takes two. */
async function askForUndo(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: `Kill ${FLAG}`, exact: true })
    .first()
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kill in production' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Undo ${FLAG} in production` })
    .click();
  await page.getByLabel(`Type ${FLAG}`).fill(FLAG);
  await page.getByLabel('Reason').fill('fixed in 2.4.1');
}

describe('people at one console', () => {
  let host: RunningHost;
  let page: Page;

  beforeEach(async () => {
    host = await startWebHost({ dataDir: folder });
    ({ page } = await browser.open(host.url));
    await who(page).waitFor();
  });

  afterEach(() => host.stop());

  it('D5: a locked console shows everything; what is pressed leads to Unlock and goes on afterwards', async () => {
    await lockConsole(page);
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    await page
      .getByRole('button', { name: `Kill ${FLAG}`, exact: true })
      .first()
      .click();
    await unlock(page).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await passphrase(page).fill('not it');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase of Alex.').waitFor();
    await expect(passphrase(page).inputValue()).resolves.toBe('');
    await page.keyboard.press('Escape');
    await unlock(page).waitFor({ state: 'detached' });
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

  it('D1, D4: a second person at the desk sees the whole change and approves it; the first one stays and executes', async () => {
    await askForUndo(page);
    await page.getByRole('region', { name: 'What will happen' }).getByText('Two people do this').waitFor();
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByRole('button', { name: 'At this desk…' }).click();
    const beside = page.getByRole('dialog', { name: 'Approve at this desk' });
    await beside.getByRole('region', { name: 'What will happen' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await expect(beside.getByRole('radio', { name: 'Alex' }).count()).resolves.toBe(0);
    await expect(beside.getByRole('radio', { name: 'Robin' }).isDisabled()).resolves.toBe(true);
    await passphrase(page).fill('practice');
    await beside.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('Approved by Sam.').waitFor();
    await page.getByRole('button', { name: 'Undo in production' }).click();
    await waitFor('accepted', async () => /accepted/.test((await propagation(page).textContent()) ?? ''));
    await page.getByRole('button', { name: 'Close' }).last().click();
    await expect(who(page).textContent()).resolves.toContain('alex');
  });

  it('D1: what waits is counted in every view, shown whole, refused with a reason, and asked for anew', async () => {
    await askForUndo(page);
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByText('Waiting for approval').waitFor();
    await page.keyboard.press('Escape');
    await view(page, 'Approvals').click();
    // One's own is not among those to decide.
    await page.getByRole('list', { name: 'Yours' }).getByText(FLAG).waitFor();
    await expect(page.getByRole('button', { name: 'Approve', exact: true }).count()).resolves.toBe(0);
    await becomes(page, 'Sam');
    await view(page, 'Health').click();
    await waitFor('the title counts it', async () => /^\(1\) /.test(await page.title()));
    await page.keyboard.press('a');
    const list = page.getByRole('list', { name: 'Waiting for approval' });
    await list.getByText('fixed in 2.4.1').waitFor();
    await list.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await waitFor('folded', async () => (await page.getByRole('button', { name: 'Approve' }).count()) === 0);
    await page.keyboard.press('Enter');
    await list.getByRole('button', { name: 'Refuse' }).click();
    await list.getByRole('button', { name: 'Refuse' }).click();
    await list.getByText('Say why').waitFor();
    await page.keyboard.type('wait for the drill');
    await list.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('Nothing waits for you').waitFor();
    await page.getByText('1 request that ended').click();
    await page.getByRole('list', { name: 'Ended' }).getByText('wait for the drill').waitFor();
    await waitFor('the title counts nothing', async () => !/^\(/.test(await page.title()));
  });

  it('D3: break-glass is loud in every view, lets its one person act alone, and waits for another one’s review', async () => {
    await askForUndo(page);
    await page.getByRole('button', { name: /Nobody can be reached/ }).click();
    const glass = page.getByRole('dialog', { name: 'Break glass in production' });
    const open = glass.getByRole('button', { name: 'Break glass in production' });
    await glass.getByLabel('Why can nobody be waited for?').fill('the rota is on a plane');
    await expect(open.getAttribute('aria-disabled')).resolves.toBe('true');
    await glass.getByLabel('Type production').fill('production');
    await open.click();
    await page.getByText('You act alone').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo in production' }).click();
    await propagation(page).waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    for (const name of ['Flags', 'Health', 'Setup', 'Now']) {
      await view(page, name).click();
      await page.getByText('Reason: the rota is on a plane').waitFor();
    }
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByRole('link', { name: 'Review' }).click();
    const reviews = page.getByRole('list', { name: 'To review' });
    await reviews.getByText('A second person reviews it').waitFor();
    await becomes(page, 'Sam');
    await reviews.getByText(`Undid ${FLAG} in production`).waitFor();
    await reviews.getByRole('button', { name: 'Accept' }).click();
    await reviews.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Review' }).waitFor({ state: 'detached' });
  });
});

describe('people at two consoles with nothing between them', () => {
  let consoles: TwoConsoles;

  beforeEach(async () => {
    consoles = await startTwoConsoles(folder);
  });

  afterEach(() => consoles.stop());

  it('D4: a request goes over as the picture of a QR code, the answer comes back through a chat, and the kill runs', async () => {
    const { page: alex } = await browser.open(consoles.alex.url);
    await view(alex, 'Flags').click();
    await alex.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).click();
    await passphrase(alex).fill(PASSPHRASE);
    await alex.keyboard.press('Enter');
    await alex.getByRole('button', { name: 'Ask for approval' }).click();
    await alex.getByRole('button', { name: 'As text or QR…' }).click();
    const picture = path.join(folder, 'photograph.png');
    await alex.getByRole('img', { name: 'The same as a QR code' }).screenshot({ path: picture });
    const code = await alex
      .getByTitle(/Read it to each other/)
      .first()
      .textContent();

    const { page: sam } = await browser.open(consoles.sam.url);
    await view(sam, 'Approvals').click();
    await sam.getByText('Paste a request or an answer…').click();
    await sam.getByLabel('Read a QR code from an image…').last().setInputFiles(picture);
    await sam.getByText('The request of Alex is in the list.').waitFor();
    const list = sam.getByRole('list', { name: 'Waiting for approval' });
    await expect(list.getByTitle(/Read it to each other/).textContent()).resolves.toBe(code);
    await list.getByRole('button', { name: 'Approve', exact: true }).click();
    await passphrase(sam).fill(PASSPHRASE);
    await sam.keyboard.press('Enter');
    await sam.getByText('Pass the answer on to Alex').waitFor();
    expect(await axeViolations(sam)).toEqual([]);
    const answer = await sam.getByRole('textbox', { name: 'Answer as text' }).inputValue();

    const quoted = answer.split('\n').map((line) => `> ${line}  `);
    await alex.bringToFront();
    await alex.getByLabel('Paste the answer').fill(['Done:', ...quoted, 'thanks'].join('\r\n'));
    await alex.getByRole('button', { name: 'Take it in' }).click();
    await alex.getByText('Approved by Sam.').first().waitFor();
    expect(await consoles.flags()).toContain('fractional');
    await alex.getByRole('dialog').getByRole('button', { name: 'Kill in production' }).click();
    await waitFor('the provider has it', async () => !(await consoles.flags()).includes('fractional'));
  });
});
