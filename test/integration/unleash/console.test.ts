import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../../support/browser.ts';
import { lostAnswer, reset } from '../../support/fault-proxy.ts';
import { waitFor } from '../../support/processes.ts';
import { type RunningHost, runScram } from '../../support/web-host.ts';
import { type Console, killedOf, PRICING, RECS, startConsole } from './console.ts';
import { environmentOf, flagsOf, type ServerFlag } from './fixture.ts';

let world: Console;
beforeAll(async () => {
  world = await startConsole();
}, 90_000);
afterAll(() => world?.stop());

const production = ['--env', 'production', '--reason', 'INC-7'];
const writes = () => world.proxy.seen.filter(({ write }) => write).map(({ path: at }) => at.split('/features/').at(-1));

/** Steps of one incident at a terminal: each goes on where the one before it ended. */
describe('the terminal against a real Unleash', () => {
  it('C1, B3: check --probe names version, project, each environment there, and the right to switch; it writes nothing', async () => {
    const { code, stdout, stderr } = await world.scram('check', '--probe');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/flags-eu +unleash +ok +yes +yes /);
    expect(stdout).toMatch(/environment staging +development/);
    expect(stdout).toContain(world.server.version);
    expect(writes()).toEqual([]);
  });

  it('E7, B1: flags lists both with what they serve to whom', async () => {
    const { code, stdout } = await world.scram('flags', '--env', 'production');
    expect(code).toBe(0);
    const line = (key: string) => stdout.split('\n').find((text) => text.includes(key));
    expect(line(PRICING)).toMatch(/some/);
    expect(line(RECS)).toMatch(/everyone/);
  });

  it('E7, B3, B7: kill switches off production alone, exits 0; restore puts strategies, constraints and variants back', async () => {
    const before = await world.flag(PRICING);
    const killed = await world.scram('kill', PRICING, ...production, '--yes', '--json');
    expect({ code: killed.code, stderr: killed.stderr }).toEqual({ code: 0, stderr: '' });
    expect(killedOf(killed.stdout)).toMatchObject({
      environment: 'production',
      results: [{ flag: PRICING, exitCode: 0, error: null }],
    });
    const after = await world.flag(PRICING);
    expect(environmentOf(after)).toEqual({ ...environmentOf(before), enabled: false });
    expect(environmentOf(after, 'development')).toEqual(environmentOf(before, 'development'));
    expect(writes()).toEqual([`${PRICING}/environments/production/off`]);

    expect((await world.scram('restore', PRICING, ...production, '--yes')).code).toBe(0);
    expect(await world.flag(PRICING)).toEqual(before);
    expect(environmentOf(before).strategies).toMatchObject([
      { parameters: { rollout: '35' }, constraints: [{ values: ['DE', 'AT'] }, {}], variants: [{ weight: 300 }, {}] },
      { title: 'staff', constraints: [{ values: ['ada', 'grace'] }] },
    ]);
  });

  it('B7: restore keeps what someone made of the strategies since the kill: exit code 4, nothing written', async () => {
    expect((await world.scram('kill', PRICING, ...production, '--yes')).code).toBe(0);
    const [gradual] = environmentOf(await world.flag(PRICING)).strategies;
    const raise = (value: string) =>
      flagsOf(world.server).patchStrategy(PRICING, gradual!.id, [
        { op: 'replace', path: '/parameters/rollout', value },
      ]);
    await raise('40');
    const sent = writes().length;
    const conflict = await world.scram('restore', PRICING, ...production, '--yes', '--json');
    expect(conflict.code).toBe(4);
    expect(JSON.parse(conflict.stdout)).toMatchObject({ error: { code: 'conflict' } });
    expect(writes()).toHaveLength(sent);
    await raise('35');
    expect((await world.scram('restore', PRICING, ...production, '--yes')).code).toBe(0);
    expect(await world.enabled(PRICING)).toBe(true);
  });

  it('B13, B4: kill --set kills one by switching it off and the other by switching it on, in order', async () => {
    const before = [await world.flag(PRICING), await world.flag(RECS)];
    const asked = await world.scram('kill', '--set', 'checkout-minimum', ...production);
    expect([asked.code, asked.stdout]).toEqual([2, expect.stringMatching(/PRODUCTION: 2 of 2 flags/)]);
    const { code, stdout } = await world.scram('kill', '--set', 'checkout-minimum', ...production, '--yes', '--json');
    expect(code).toBe(0);
    expect(killedOf(stdout).results.map(({ flag, exitCode }) => [flag, exitCode])).toEqual([
      [PRICING, 0],
      [RECS, 0],
    ]);
    expect([await world.enabled(PRICING), await world.enabled(RECS)]).toEqual([false, true]);
    expect(environmentOf(await world.flag(RECS)).strategies).toMatchObject([{ parameters: { rollout: '100' } }]);
    for (const key of [RECS, PRICING]) {
      expect((await world.scram('restore', key, ...production, '--yes')).code).toBe(0);
    }
    expect([await world.flag(PRICING), await world.flag(RECS)]).toEqual(before);
  });

  it('E4, D6: status names the environments there; the ledger verifies and tells the whole story', async () => {
    const status = await world.scram('status');
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/flags-eu +unleash +ready /)]);
    expect(status.stdout).toContain('staging: development');
    expect((await world.scram('ledger', 'verify')).code).toBe(0);
    const news = await world.ledgerNews();
    const of = (kind: string) => news.filter((entry) => entry.kind === kind).length;
    expect([of('change.intent'), of('change.result')]).toEqual([8, 8]);
    expect(news).toContainEqual(expect.objectContaining({ kind: 'change.served' }));
  });

  it('E2: without the credential a command exits 6, names the variable, and asks Unleash nothing', async () => {
    const asked = world.proxy.seen.length;
    const env = { FLAGS_EU_ADMIN: '', FLAGS_EU_CLIENT: '' };
    const { code, stderr } = await world.scramWith(env, 'kill', PRICING, ...production, '--yes');
    expect([code, stderr]).toEqual([6, expect.stringContaining('FLAGS_EU_ADMIN')]);
    expect(world.proxy.seen).toHaveLength(asked);
    const wrong = await world.scramWith(
      { ...env, FLAGS_EU_ADMIN: '*:*.nonsense' },
      'kill',
      PRICING,
      ...production,
      '--yes',
    );
    expect([wrong.code, wrong.stderr]).toEqual([6, expect.stringMatching(/credential was not accepted \(401\)/)]);
  });

  it('E2, H3: so does a console that never read its flags; it does not say that there are none', async () => {
    const env = { FLAGS_EU_ADMIN: '', FLAGS_EU_CLIENT: '' };
    const fresh = ['--data-dir', path.join(world.folder, 'fresh'), '--config', world.config];
    for (const what of [[PRICING], [PRICING, RECS], ['--set', 'checkout-minimum']]) {
      const { code, stderr } = await runScram(['kill', ...what, ...production, '--yes', ...fresh], { env });
      expect([code, stderr]).toEqual([6, expect.stringMatching(/FLAGS_EU_ADMIN is not set/)]);
    }
  });
});

describe('the web host and its page against a real Unleash', () => {
  let host: RunningHost;
  let browser: TestBrowser;
  let page: Page;
  let complaints: string[];
  const frames: string[] = [];

  beforeAll(async () => {
    host = await world.startHost();
    browser = await startBrowser();
    browser.context.on('page', (opened) =>
      opened.on('websocket', (socket) => {
        socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
        socket.on('framesent', ({ payload }) => frames.push(String(payload)));
      }),
    );
    ({ page, complaints } = await browser.open(host.url));
  });
  afterAll(async () => {
    await browser?.close();
    await host?.stop();
  });
  let before: ServerFlag;
  const propagation = () => page.getByRole('status', { name: 'Propagation' });

  async function closeDialog(): Promise<void> {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  /** From the list of flags to the proof, as a user would; nothing is written before the confirmation. */
  async function kill(): Promise<void> {
    await page.getByRole('button', { name: `Kill ${PRICING}`, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Kill ${PRICING} in production` });
    const what = dialog.getByRole('region', { name: 'What will happen' });
    await waitFor('what will happen', async () => /flags-eu/.test((await what.textContent()) ?? ''));
    expect(await world.enabled(PRICING)).toBe(true);
    await dialog.getByRole('button', { name: 'Kill in production' }).click();
    await waitFor('observed', async () => /observed 1 of 1/.test((await propagation().textContent()) ?? ''), {
      deadlineMs: 20_000,
    });
    const done = await propagation().locator('li[data-done]').allTextContents();
    expect(done.map((text) => text.split(' ')[0])).toEqual(['requested', 'accepted', 'served', 'observed']);
    await closeDialog();
  }

  it('A1, B1, B2, B14: find the flag, kill it, and see it requested, accepted, served, observed', async () => {
    before = await world.flag(PRICING);
    await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
    await page.getByRole('searchbox', { name: 'Find a flag' }).fill('pricing');
    await kill();
    expect(environmentOf(await world.flag(PRICING))).toEqual({ ...environmentOf(before), enabled: false });
    expect(environmentOf(await world.flag(PRICING), 'development')).toEqual(environmentOf(before, 'development'));
  });

  it('B7: undo puts back the exact strategies, by id, and services get them again', async () => {
    await page
      .getByRole('button', { name: `Undo ${PRICING} in production` })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: `Undo ${PRICING} in production` });
    await dialog.getByRole('textbox', { name: /type/i }).fill(PRICING);
    await dialog.getByRole('button', { name: 'Undo in production' }).click();
    await propagation().waitFor();
    await closeDialog();
    await waitFor('on again', () => world.enabled(PRICING));
    expect(await world.flag(PRICING)).toEqual(before);
    await waitFor('the terminal sees it through the same console', async () => {
      const { stdout } = await world.scram('flags', '--env', 'production', '--json');
      const { flags } = JSON.parse(stdout) as { flags: { key: string; exposure: string }[] };
      return flags.find(({ key }) => key === PRICING)?.exposure === 'some';
    });
  });

  it('D6: of a kill whose answer is lost the page says accepted and observed; Unleash got one off', async () => {
    const sent = writes().length;
    world.proxy.meets = 'writes';
    world.proxy.fault = lostAnswer;
    await kill();
    world.proxy.fault = null;
    expect(writes().slice(sent)).toEqual([`${PRICING}/environments/production/off`]);
    const { stdout } = await world.scram('ledger', 'show', '--json');
    expect(stdout).toMatch(/"outcome":"accepted","reconciled":true/);
  });

  it('D6, E2: nothing complains, SIGTERM exits 0, the ledger verifies, and no token is in it, the page, its traffic or any output', async () => {
    expect(complaints).toEqual([]);
    const content = await page.content();
    await expect(host.stop()).resolves.toBe(0);
    const exported = path.join(world.folder, 'ledger.jsonl');
    expect((await world.scram('ledger', 'export', exported)).code).toBe(0);
    expect((await world.scram('ledger', 'verify', exported)).code).toBe(0);
    expect(frames.length).toBeGreaterThan(10);
    const places = [content, frames.join(), world.said(), await readFile(exported, 'utf8')];
    for (const secret of [world.server.adminToken, world.server.clientToken('production')]) {
      expect(places.map((text) => text.includes(secret.split('.').at(-1) ?? ''))).toEqual(places.map(() => false));
    }
  });
});

describe('the terminal while Unleash cannot be reached', () => {
  it('E1, H3: flags and status tell the age of what they show and why; a kill exits 5; without a cache flags exits 5', async () => {
    world.proxy.meets = 'all';
    world.proxy.fault = reset;
    const flags = await world.scram('flags', '--env', 'production');
    expect([flags.code, flags.stdout]).toEqual([0, expect.stringContaining(PRICING)]);
    expect(flags.stderr).toMatch(/^flags-eu: its flags are as last read \d+ s ago: GET http.*reset/);
    const status = await world.scram('status');
    expect(status.stdout).toMatch(/flags-eu +unleash +error \(cache\) +\d+ s ago/);
    const killed = await world.scram('kill', PRICING, ...production, '--yes');
    expect([killed.code, killed.stderr]).toEqual([5, expect.stringMatching(/reset/)]);
    const fresh = ['--data-dir', path.join(world.folder, 'fresh-too'), '--config', world.config];
    const env = { FLAGS_EU_ADMIN: world.server.adminToken, FLAGS_EU_CLIENT: 'x' };
    const unknown = await runScram(['flags', ...fresh], { env });
    expect([unknown.code, unknown.stderr]).toEqual([5, expect.stringMatching(/its flags are not known/)]);
  });
});
