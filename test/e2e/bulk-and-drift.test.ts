import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { waitFor } from '../support/processes.ts';
import { type RegionFlag, startTwoRegions, type TwoRegions } from '../support/two-regions.ts';
import { type RunningHost, runScram, startWebHost } from '../support/web-host.ts';

const STUCK = 'release_instant_search';
const CLOCK = /\d\d:\d\d:\d\d/g;
let world: TwoRegions;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  world = await startTwoRegions();
  host = await startWebHost({ dataDir: world.dataDir, config: world.config });
  browser = await startBrowser();
  ({ page, complaints } = await browser.open(host.url));
  await page.getByRole('button', { name: 'Environment: production' }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await world?.stop();
});

const go = (view: string) => page.getByRole('navigation').getByRole('link', { name: view }).click();
const textOf = async (locator: Locator) => (await locator.textContent()) ?? '';

async function violations(): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'contrast', 'dark']) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme);
    found.push(...(await axeViolations(page)).map((line) => `${theme}: ${line}`));
  }
  return found;
}

/** Keys of a table's lines, in order. */
function keysOf(table: Locator): Promise<string[]> {
  return table.getByRole('rowheader').locator('code').allTextContents();
}

async function switchTo(environment: string): Promise<void> {
  await page.getByRole('button', { name: /^Environment:/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(environment, 'i') }).click();
  await page.getByRole('button', { name: `Environment: ${environment}` }).waitFor();
}

/** Steps of one story, on real files and servers: each continues where the one before it ended. */
it('B3: Health shows each environment with the provider’s own name for it, and the test its latency', async () => {
  await go('Health');
  const connections = page.getByRole('table', { name: 'Connections' });
  const row = connections.getByRole('row').filter({ hasText: 'flagd' }).first();
  await row.waitFor();
  expect(await textOf(row)).toMatch(/production.*production\.flagd\.json.*staging.*staging\.flagd\.json/);
  await page.getByRole('button', { name: 'Test local' }).click();
  const report = page.getByRole('status', { name: 'Test' });
  await report.waitFor();
  expect(await textOf(report)).toMatch(/works.*8 flags.*Can readyes.*Can change flagsyes.*Answers in\d+ ms/);
});

it('B3: the confirmation names the environment and the provider’s own name of it', async () => {
  await switchTo('staging');
  await go('Flags');
  for (const environment of ['staging', 'production']) {
    if (environment === 'production') await switchTo('production');
    await page.getByRole('button', { name: `Kill ${STUCK}` }).click();
    const dialog = page.getByRole('dialog', { name: `Kill ${STUCK} in ${environment}` });
    const what = dialog.getByRole('region', { name: 'What will happen' });
    await what.waitFor();
    expect(await textOf(what)).toMatch(new RegExp(`in ${environment} through local .*/${environment}\\.flagd\\.json`));
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  }
});

it('B5, B14: a kill goes from requested to observed 1 of 2, with times, and names the region that lags', async () => {
  await page.getByRole('button', { name: `Kill ${STUCK}` }).click();
  const dialog = page.getByRole('dialog', { name: `Kill ${STUCK} in production` });
  await dialog.getByRole('button', { name: 'Kill in production' }).click();
  const propagation = dialog.getByRole('status', { name: 'Propagation' });
  await waitFor('the first region has it', async () => /observed 1 of 2/.test(await textOf(propagation)));
  const text = await textOf(propagation);
  expect(text).toMatch(
    /requested \d\d:\d\d:\d\d.*accepted \d\d:\d\d:\d\d.*served \d\d:\d\d:\d\d.*observed 1 of 2 not yet/,
  );
  expect(text).toMatch(/The slowest service (has it by|should have had it at) \d\d:\d\d:\d\d/);
  expect(text).toMatch(/Intendedoff.*At the provideroff/);
  const regions = propagation.getByRole('region', { name: 'Observed per region' }).getByRole('listitem');
  expect(await textOf(regions.nth(0))).toMatch(/us-east.*0 of 1.*on\d/);
  expect(await textOf(regions.nth(1))).toMatch(/eu-west.*1 of 1.*off\d/);
  await waitFor('the objective of 3 s is over', async () => /Overdue/.test(await textOf(propagation)));
  expect(await violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.waitFor({ state: 'detached' });
});

it('B4: marked flags are killed in one confirmation, with a result for each and the one left out named', async () => {
  const marks: RegionFlag[] = ['enable_new_pricing', 'release_gift_cards', 'release_one_click'];
  for (const flag of marks) await page.getByRole('checkbox', { name: `Mark ${flag}` }).check();
  // The keys go on after a tick: K and J walk, M marks.
  await page.getByRole('row', { name: 'release_saved_cards' }).getByRole('link').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('m');
  await waitFor('M marked the next', () =>
    page.getByRole('checkbox', { name: 'Mark release_split_payments' }).isChecked(),
  );
  const before = await world.serves('release_gift_cards');
  await page.getByRole('button', { name: 'Kill 4 marked flags…' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Kill 4 marked flags in production' });
  const what = dialog.getByRole('region', { name: 'What will happen' });
  await what.waitFor();
  expect(await keysOf(dialog.getByRole('table', { name: 'Flags in order' }))).toEqual(marks);
  expect(await textOf(what)).toMatch(
    /Kill 3 flags in production.*1 flag is left out:release_split_payments is already/,
  );
  expect(await textOf(what)).toContain('production.flagd.json');

  const typed = dialog.getByRole('textbox', { name: 'Type production to confirm' });
  const kill = dialog.getByRole('button', { name: 'Kill in production' });
  await typed.fill('staging');
  await typed.press('Enter');
  expect(await kill.getAttribute('aria-disabled')).toBe('true');
  expect(await world.serves('release_gift_cards')).toBe(before);
  expect(await violations()).toEqual([]);
  // One of them moves after it was looked at: it is left alone, and the others go on.
  await world.changeElsewhere('release_gift_cards');
  await typed.fill('production');
  await typed.press('Enter');

  const results = dialog.getByRole('table', { name: 'Result of each flag' });
  await waitFor('each has its result, those that went on with times', async () => {
    const lines = await results.getByRole('row').allTextContents();
    return lines.length === 4 && lines.slice(2).every((line) => (line.match(CLOCK)?.length ?? 0) >= 2);
  });
  // What did not work stands first.
  expect(await keysOf(results)).toEqual(['release_gift_cards', 'enable_new_pricing', 'release_one_click']);
  expect(await textOf(results.getByRole('row').nth(1))).toMatch(/conflict, nothing written.*release_gift_cards/);
  await dialog.getByText('1 flag was not killed').waitFor();
  expect(await world.serves('release_gift_cards')).toBe('on');
  for (const flag of ['enable_new_pricing', 'release_one_click'] as const) expect(await world.serves(flag)).toBe('off');
  const sum = await textOf(dialog.getByRole('status', { name: 'Propagation' }));
  expect(sum).toMatch(/requested3 of 3accepted2 of 3served2 of 3observed[01] of 3/);
  expect(await violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.waitFor({ state: 'detached' });
  // Nothing stays marked for the next kill; the dock goes on telling.
  expect(await page.getByRole('checkbox', { checked: true, name: /^Mark / }).count()).toBe(0);
  const dock = page.getByRole('complementary', { name: 'Changes being watched' });
  expect(await textOf(dock)).toMatch(/Kill of 4 marked flags in production.*accepted 2 of 3.*1 flag was not killed/);
});

it('B13: a kill set runs from the palette in its own order, and names what it leaves out', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('kill set checkout-minimum');
  await page.getByRole('option', { name: 'Kill set checkout-minimum in production' }).waitFor();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Kill set checkout-minimum in production' });
  const what = dialog.getByRole('region', { name: 'What will happen' });
  await what.waitFor();
  const inOrder: RegionFlag[] = ['ops_disable_recs', 'release_saved_cards', 'experiment_checkout_button'];
  expect(await keysOf(dialog.getByRole('table', { name: 'Flags in order' }))).toEqual(inOrder);
  const left = await dialog.getByRole('list', { name: '2 flags are left out' }).getByRole('listitem').allTextContents();
  expect(left).toEqual([expect.stringContaining('release_split_payments'), expect.stringContaining('release_gone')]);
  await dialog.getByRole('textbox', { name: 'Type production to confirm' }).fill('production');
  await dialog.getByRole('button', { name: 'Kill in production' }).click();
  const sum = dialog.getByRole('status', { name: 'Propagation' });
  await waitFor('all are served', async () => /served3 of 3/.test(await textOf(sum)));
  expect(await Promise.all(inOrder.map((flag) => world.serves(flag)))).toEqual(['on', 'off', 'control']);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.waitFor({ state: 'detached' });
});

it('B6: the stuck region stands in the drift view with since when', async () => {
  await page.keyboard.press('6');
  const table = page.getByRole('table', { name: 'Drift in production' });
  const row = table.getByRole('row').filter({ hasText: STUCK }).first();
  await row.waitFor({ timeout: 25_000 });
  expect(await textOf(row)).toMatch(/local\s*off\s*0 % of users\s*by this console/);
  expect(await textOf(row)).toContain('1 of 2 agree');
  expect(await textOf(row)).toMatch(/\d+ (sec|min) ago.*overdue/);
  const show = page.getByRole('button', { name: `Show places of ${STUCK}` });
  if ((await show.count()) > 0) await show.press('Enter');
  const places = table.getByRole('listitem');
  expect(await textOf(places.nth(0))).toMatch(/disagrees.*us-east.*flagd-us.*on.*since/);
  expect(await textOf(places.nth(1))).toMatch(/agrees.*eu-west.*flagd-eu.*off.*since/);
  expect(await violations()).toEqual([]);
});

it('B5, B6: when the region heals, the kill is observed 2 of 2 and the drift goes', async () => {
  await world.deliver();
  await waitFor(
    'everything is as intended',
    async () => (await page.getByText('Everything is as intended').count()) > 0,
    { deadlineMs: 25_000 },
  );
  await go('Flags');
  const dock = page.getByRole('complementary', { name: 'Changes being watched' });
  await dock.getByRole('button', { name: `Watch of ${STUCK}` }).press('Enter');
  const propagation = dock.getByRole('status', { name: 'Propagation' }).last();
  await waitFor('observed by both', async () => /observed 2 of 2/.test(await textOf(propagation)));
  const text = await textOf(propagation);
  expect(text).toMatch(/accepted \d\d:\d\d:\d\d.*served \d\d:\d\d:\d\d.*observed 2 of 2 \d\d:\d\d:\d\d/);
  for (const region of await propagation.getByRole('region').getByRole('listitem').allTextContents()) {
    expect(region).toMatch(/1 of 1off/);
  }
  await waitFor('every flag of the kill set is observed', async () => /observed 3 of 3/.test(await textOf(dock)));
  await page.getByRole('button', { name: 'Put away set checkout-minimum' }).click();
  const ledger = await runScram(['ledger', 'verify', '--json', '--data-dir', world.dataDir, '--config', world.config]);
  expect(ledger).toMatchObject({ code: 0, stderr: '' });
});

it('B6: a region that cannot be asked is never said to agree', async () => {
  world.us.intercept = () => ({ status: 503 });
  await page.keyboard.press('6');
  await page.getByText('Nothing differs where it can be seen').waitFor({ timeout: 25_000 });
  const observers = page.getByRole('table', { name: 'Observers' });
  expect(await textOf(observers.getByRole('row').filter({ hasText: 'us-east' }))).toMatch(/silent.*503/);
  expect(await textOf(observers.getByRole('row').filter({ hasText: 'eu-west' }))).toContain('answers');
  await page.getByRole('link', { name: 'Health' }).last().click();
  await page.getByText('1 observer is silent').waitFor();
  expect(await page.getByText('everything is as intended').count()).toBe(0);
});

it('shows no error in the browser', () => {
  expect(complaints).toEqual([]);
});
