import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { HASH } from '../support/fake-backend.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { waitFor } from '../support/processes.ts';
import { recordOf } from '../support/record.ts';
import { anIncident, createTeamPage, type TeamPageWish } from '../support/team-page.ts';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

const pageDir = path.resolve(import.meta.dirname, '../../dist/page');
let web: WebFixture | undefined;
let browser: TestBrowser | undefined;

afterEach(async () => {
  await browser?.close();
  await web?.close();
});

async function open(where: string, wish: TeamPageWish = {}) {
  const team = createTeamPage(wish);
  web = await startWeb({ handlers: team.handlers, pageDir });
  browser = await startBrowser();
  const { page, complaints } = await browser.open(`http://127.0.0.1:${web.host.port}${where}?token=${web.host.token}`);
  return { team, page, complaints };
}

const lines = (page: Page) => page.getByRole('table', { name: 'Entries' }).locator('[role="row"] button');
const firstInSight = (page: Page) =>
  page.getByRole('table', { name: 'Entries' }).evaluate((table) => {
    const top = table.getBoundingClientRect().top + 31;
    const rows = [...table.querySelectorAll('[role="row"][aria-rowindex]')];
    return rows.find((row) => row.getBoundingClientRect().bottom > top + 1 && row.querySelector('button'))?.textContent;
  });

describe('the record of the team', () => {
  it('D8: 100,000 entries: their number, the newest at once, and any place by scrolling', async () => {
    const { page, complaints } = await open('/ledger', { entries: recordOf(100_000, Date.now()) });
    await page.getByText('100,000 entries').waitFor();
    await lines(page).first().waitFor();
    expect(await lines(page).count()).toBeLessThan(80);
    await page.getByRole('table', { name: 'Entries' }).evaluate((table) => table.scrollTo(0, table.scrollHeight));
    await page.locator('[role="row"][aria-rowindex="100001"] button').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('D8: what comes in does not move what is being read, and is said', async () => {
    const all = recordOf(2_000, Date.now());
    const { team, page } = await open('/ledger', { entries: all.slice(0, -3) });
    await lines(page).first().waitFor();
    const before = await firstInSight(page);
    team.append(all.slice(-3));
    await page.getByRole('button', { name: '3 new' }).waitFor();
    expect(await firstInSight(page)).toBe(before);
    await page.getByRole('button', { name: '3 new' }).click();
    await waitFor('the newest are in sight', async () => (await firstInSight(page)) !== before);
    await page.getByRole('button', { name: '3 new' }).waitFor({ state: 'detached' });
  });

  it('D8: is searched and narrowed down, and says when nothing fits', async () => {
    const { page } = await open('/ledger', { entries: recordOf(1_600, Date.now()) });
    await page.getByRole('searchbox', { name: 'Search the record' }).fill('WATCHING checkout change 42');
    await page.getByText('1 entry found').waitFor();
    await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'approvals' });
    await page.getByText('No entry fits').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('1,600 entries').waitFor();
  });

  it('H1, D6: by keyboard alone an entry is found, read whole and redacted with a reason', async () => {
    const { team, page } = await open('/ledger', { entries: recordOf(100, Date.now()) });
    await lines(page).first().waitFor();
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    await waitFor('the second line has the focus', () =>
      page.evaluate(() => document.activeElement?.closest('[role="row"]')?.getAttribute('aria-rowindex') === '3'),
    );
    await page.keyboard.press('Enter');
    const details = page.getByRole('complementary');
    await details.getByText('"signature"').first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await details.getByRole('button', { name: 'Redact…' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('for ever, here and on every other console').waitFor();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('a name stood in it');
    await dialog.getByRole('button', { name: 'Redact for ever' }).press('Enter');
    await dialog.getByText('Redacted', { exact: true }).waitFor();
    expect(team.asked).toContainEqual({
      op: 'ledger.redact',
      input: { device: expect.any(String), sequence: expect.any(Number), reason: 'a name stood in it' },
    });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  it('D10: chains, what was set aside and why, and an anchor read aloud and checked', async () => {
    const { page } = await open('/ledger', { entries: recordOf(200, Date.now()) });
    await page.getByRole('link', { name: 'Chains and anchors' }).click();
    await page.getByRole('table', { name: 'Chains of the team' }).getByText('the chain was forked').waitFor();
    await page.getByRole('table', { name: 'Entries set aside' }).getByText('entry 212').first().waitFor();
    await page.getByRole('button', { name: 'Read aloud…' }).click();
    await page.getByRole('button', { name: 'Make the line' }).click();
    await page.getByText('4F7K 92QX').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Check an anchor…' }).click();
    await page.getByRole('textbox', { name: 'Anchor' }).fill('scram-anchor of another time');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('the anchor names entry 37 500').waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });
});

describe('incidents', () => {
  it('D9: one is opened, shown in every view, and closed with a note', async () => {
    const { team, page } = await open('/incidents');
    await page.getByText('No incident is open').waitFor();
    await page.getByRole('button', { name: 'Open incident…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open incident' });
    await dialog.getByRole('textbox', { name: 'Title' }).fill('checkout is slow');
    await dialog.getByRole('button', { name: 'Open incident' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/Incident: checkout is slow, since .* are held/).waitFor();
    expect(team.asked.find(({ op }) => op === 'incidents.open')?.input).toEqual({
      title: 'checkout is slow',
      services: [],
      environments: ['production'],
    });
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByText(/Incident: checkout is slow/).waitFor();
    await page.getByRole('link', { name: 'Show it' }).click();
    await page.getByRole('button', { name: 'Close checkout is slow…' }).click();
    await page.getByRole('textbox', { name: 'What ended it' }).fill('the new pricing was off');
    await page.getByRole('button', { name: 'Close incident' }).click();
    await page.getByText('No incident is open').waitFor();
    await page.getByText(/Incident: checkout is slow/).waitFor({ state: 'detached' });
    expect(await axeViolations(page)).toEqual([]);
  });

  it('D9: a change that an incident holds is let through with a reason, and then runs', async () => {
    const { team, page } = await open('/flags');
    team.incidents.set({ incidents: [anIncident(Date.now())] });
    await page.getByRole('button', { name: 'Kill flag-0', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Kill in production' }).click();
    await dialog.getByText('is open: changes other than mitigations are held').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Why it cannot wait' }).fill('the fix needs it');
    await dialog.getByRole('button', { name: 'Let it through' }).click();
    await waitFor(
      'it was executed again',
      async () => team.asked.filter(({ op }) => op === 'changes.execute').length === 2,
    );
    await dialog.getByRole('button', { name: 'Let it through' }).waitFor({ state: 'detached' });
    expect(team.asked.find(({ op }) => op === 'incidents.override')?.input).toEqual({
      subject: { kind: 'change', hash: HASH },
      reason: 'the fix needs it',
    });
  });

  it('A8: a status update is previewed, sent, and can be copied when a channel is down', async () => {
    const { team, page } = await open('/incidents');
    team.incidents.set({ incidents: [anIncident(Date.now())] });
    await page.getByRole('region', { name: 'checkout: p99' }).getByRole('button', { name: 'Status update…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Status update' });
    await dialog.getByRole('textbox', { name: 'What next' }).fill('watching for 15 min');
    const text = dialog.getByRole('textbox', { name: 'As it goes out' });
    await waitFor('what is typed stands in it', async () => (await text.inputValue()).includes('watching for 15 min'));
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('it is tried again').waitFor();
    await dialog.getByRole('button', { name: 'Copy as text' }).waitFor();
    expect(team.asked.find(({ op }) => op === 'notify.send')?.input).toMatchObject({
      incident: 'incident-1',
      next: 'watching for 15 min',
    });
  });
});

describe('people and secrets in Setup', () => {
  it('D5: a key is made and its public half shown once typed twice alike; the roster is signed', async () => {
    const { team, page } = await open('/setup');
    await page.getByRole('button', { name: 'Enrol on this console…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Operator id' }).fill('jo');
    const fill = async (first: string, second: string) => {
      await dialog.getByLabel('Passphrase', { exact: true }).fill(first);
      await dialog.getByLabel('Passphrase once more').fill(second);
      await dialog.getByRole('button', { name: 'Make the key' }).click();
    };
    await fill('correct horse', 'correct house');
    await dialog.getByText('not the same').waitFor();
    expect(team.asked.some(({ op }) => op === 'people.enrol')).toBe(false);
    await fill('correct horse', 'correct horse');
    await waitFor('the public key is there', async () =>
      (await dialog.getByRole('textbox', { name: 'Public key' }).inputValue()).startsWith('scram1:'),
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign roster version 4' }).click();
    await page.getByText('Version 4 signed').waitFor();
  });

  it('E2: a credential is typed blind, and what was typed is nowhere in the page afterwards', async () => {
    const { team, page } = await open('/setup');
    const secret = 'tk-canary-7f3a';
    await page.getByRole('button', { name: 'Set… prom-token' }).click();
    const value = page.getByRole('dialog').getByLabel('Value');
    await expect(value.getAttribute('type')).resolves.toBe('password');
    await value.fill(secret);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(team.asked).toContainEqual({ op: 'vault.set', input: { name: 'prom-token', value: secret } });
    expect(await page.content()).not.toContain(secret);
  });

  it('E3: sealing takes at least two holders', async () => {
    const { team, page } = await open('/setup');
    await page.getByRole('button', { name: 'Seal… flags-eu-admin' }).click();
    const dialog = page.getByRole('dialog');
    const seal = dialog.getByRole('button', { name: 'Seal', exact: true });
    await dialog.getByRole('checkbox', { name: 'Alex Marten' }).check();
    await seal.click({ force: true });
    expect(team.asked.some(({ op }) => op === 'vault.seal')).toBe(false);
    await dialog.getByRole('checkbox', { name: 'Sam Okafor' }).check();
    await seal.click();
    await dialog.waitFor({ state: 'detached' });
    expect(team.asked).toContainEqual({
      op: 'vault.seal',
      input: { name: 'flags-eu-admin', holders: ['alex', 'sam'] },
    });
  });

  it('D5: who may not is told why, and a viewer’s press does nothing', async () => {
    const { team, page } = await open('/setup');
    const { value } = team.people;
    const me =
      value.me === null ? null : { ...value.me, operator: 'robin', name: 'Robin Vale', roles: ['viewer' as const] };
    team.people.set({ ...value, me, rights: ['view'] });
    const set = page.getByRole('button', { name: 'Set… prom-token' });
    await waitFor('it is said', async () => ((await set.getAttribute('title')) ?? '').includes('Robin'));
    await set.click({ force: true });
    await expect(page.getByRole('dialog').count()).resolves.toBe(0);
  });
});

describe('the team in the status bar', () => {
  it('D8: says since when the store is away and what waits, who is here, and nothing where there is none', async () => {
    const { team, page } = await open('/flags');
    await page
      .getByRole('contentinfo')
      .getByText(/Team store: synced/)
      .waitFor();
    await page.getByRole('list', { name: 'Who else is here' }).getByText('Sam Okafor · Now, production').waitFor();
    await waitFor('the others are told the view', async () =>
      team.asked.some(
        ({ op, input }) => op === 'team.doing' && (input as { doing: string }).doing === 'Flags, production',
      ),
    );
    team.team.set({ ...team.team.value, state: 'away', waiting: 14, presence: [] });
    await page.getByText(/Team store: away since \d\d:\d\d, 14 entries wait/).waitFor();
    team.team.set({ ...team.team.value, configured: false, state: 'none' });
    await page.getByText(/Team store/).waitFor({ state: 'detached' });
  });
});
