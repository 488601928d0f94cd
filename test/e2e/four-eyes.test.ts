import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { becomes, passphrase, PRACTICE, view, who } from '../support/page-people.ts';
import { waitFor } from '../support/processes.ts';
import { PASSPHRASE, startTwoConsoles, type TwoConsoles } from '../support/two-consoles.ts';
import { type RunningHost, startWebHost } from '../support/web-host.ts';

const FLAG = 'enable_new_pricing';
let folder: string;
let browser: TestBrowser;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-four-eyes-'));
  browser = await startBrowser();
});

afterEach(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const propagation = (page: Page) => page.getByRole('status', { name: 'Propagation' }).first();

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

/** Tab until the control of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const named = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
    );
  for (let presses = 0; presses < 80; presses += 1) {
    if ((await named()).startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`80 tabs do not lead to ${name}`);
}

describe('four eyes at one console', () => {
  let host: RunningHost;
  let page: Page;

  beforeEach(async () => {
    host = await startWebHost({ dataDir: folder });
    ({ page } = await browser.open(host.url));
    await who(page).waitFor();
  });

  afterEach(() => host.stop());

  it('A1, D2: where policy lets one person act, a kill takes three actions and a press, and asks nobody', async () => {
    await page.getByRole('figure', { name: 'checkout p99 latency' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(`kill ${FLAG}`);
    await page
      .getByRole('option', { name: new RegExp(`kill ${FLAG}`, 'i') })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Kill ${FLAG} in production` });
    await waitFor('the press can be made', () =>
      page.evaluate(() => {
        const button = document.activeElement;
        return button?.getAttribute('aria-label') === 'Kill in production' && button.ariaDisabled !== 'true';
      }),
    );
    await expect(dialog.getByText('Two people do this').count()).resolves.toBe(0);
    await page.keyboard.press('Enter');
    await waitFor('accepted', async () => /accepted/.test((await propagation(page).textContent()) ?? ''));
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
    await passphrase(page).fill(PRACTICE);
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

  it('H1, D1: by keyboard alone it is approved, and executed by the one who asked', async () => {
    await askForUndo(page);
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByText('Waiting for approval').waitFor();
    await page.keyboard.press('Escape');
    await becomes(page, 'Sam');
    await page.keyboard.press('a');
    await page.getByRole('list', { name: 'Waiting for approval' }).getByText('fixed in 2.4.1').waitFor();
    await page.keyboard.press('j');
    await tabTo(page, 'Approve');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing waits for you').waitFor();
    // The focus is not thrown back to the top of the page.
    await waitFor('the heading has the focus', () =>
      page.evaluate(() => document.activeElement?.textContent?.startsWith('Waiting for approval') ?? false),
    );
    await becomes(page, 'Alex');
    await tabTo(page, 'Execute');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Undo ${FLAG} in production` });
    await dialog.getByText('Approved by Sam.').waitFor();
    await tabTo(page, 'Undo in production');
    await page.keyboard.press('Enter');
    await waitFor('accepted', async () => /accepted/.test((await propagation(page).textContent()) ?? ''));
  });

  it('D11: a request ends when what it asks for is asked for otherwise, and says so', async () => {
    await askForUndo(page);
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByText('Waiting for approval').waitFor();
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: `Undo ${FLAG} in production` })
      .first()
      .click();
    await page.getByLabel(`Type ${FLAG}`).fill(FLAG);
    await page.getByLabel('Reason').fill('fixed in 2.4.2');
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByRole('button', { name: 'At this desk…' }).waitFor();
    await page.keyboard.press('Escape');
    await view(page, 'Approvals').click();
    await page.getByText('1 request that ended').click();
    const ended = page.getByRole('list', { name: 'Ended' });
    await ended
      .getByText(/edited since|was edited after it was asked for/)
      .first()
      .waitFor();
    await becomes(page, 'Sam');
    const list = page.getByRole('list', { name: 'Waiting for approval' });
    await list.getByText('fixed in 2.4.2').waitFor();
    await expect(list.getByRole('listitem').getByText('fixed in 2.4.1').count()).resolves.toBe(0);
    await expect(page.getByRole('button', { name: 'Approve', exact: true }).count()).resolves.toBe(1);
  });

  it('D3: break-glass is loud in every view, lets its one person act alone, and waits for another one’s review', async () => {
    await askForUndo(page);
    await page.getByRole('button', { name: /Nobody can be reached/ }).click();
    const glass = page.getByRole('dialog', { name: 'Break glass in production' });
    const open = glass.getByRole('button', { name: 'Break glass in production' });
    await glass.getByLabel('Why can nobody be waited for?').fill('the rota is on a plane');
    await expect(open.getAttribute('aria-disabled')).resolves.toBe('true');
    await glass.getByText(/For 15 min, until \d\d:\d\d, you may make changes in production alone\./).waitFor();
    await glass.getByText(/They must do so by \d+ \w+, \d\d:\d\d\./).waitFor();
    expect(await axeViolations(page)).toEqual([]);
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

describe('four eyes at two consoles with nothing between them', () => {
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
    // This team's policy lets nobody act alone, so nothing offers it (D3).
    await expect(alex.getByRole('button', { name: /Nobody can be reached/ }).count()).resolves.toBe(0);
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
