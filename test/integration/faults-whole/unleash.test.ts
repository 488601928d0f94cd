import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectControl } from '../../../electron/hosts/control/client.ts';
import { controlPath } from '../../../electron/hosts/control/path.ts';
import type { Client } from '../../../electron/rpc/client.ts';
import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { startBrowser, type TestBrowser } from '../../support/browser.ts';
import { type Fault, loginPage, lostAnswer, reset, silence, status } from '../../support/fault-proxy.ts';
import { waitFor } from '../../support/processes.ts';
import type { RunningHost } from '../../support/web-host.ts';
import { type Console, killedOf, PRICING, startConsole } from '../unleash/console.ts';
import { environmentOf, flagsOf } from '../unleash/fixture.ts';

let world: Console;
let host: RunningHost;
let client: Client;
let browser: TestBrowser;
let page: Page;
const frames: string[] = [];

beforeAll(async () => {
  world = await startConsole();
  host = await world.startHost();
  client = await connectControl(controlPath(world.dataDir, process.platform));
  browser = await startBrowser();
  browser.context.on('page', (opened) =>
    opened.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
      socket.on('framesent', ({ payload }) => frames.push(String(payload)));
    }),
  );
  ({ page } = await browser.open(host.url));
  page.setDefaultTimeout(10_000);
  await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
  await row().waitFor();
  await world.ledgerNews();
}, 90_000);
afterAll(async () => {
  client?.dispose();
  await browser?.close();
  await world?.stop();
});

const row = () => page.getByRole('row', { name: new RegExp(PRICING) });
const controlPlane = () => page.getByRole('status', { name: 'Control plane' });
const textOf = async (locator: ReturnType<Page['locator']>) => (await locator.textContent()) ?? '';
const offs = () => world.proxy.seen.filter(({ write, path: at }) => write && at.endsWith('/off')).length;
const production = ['--env', 'production', '--reason', 'INC-7', '--yes'];

/** What a service or what stands before it answers, whoever asks. */
const answer =
  (code: number, body: object, headers: Record<string, string> = {}): Fault =>
  ({ response }) =>
    void response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const permission = (permissions: readonly string[], message: string) =>
  answer(403, { id: 'b2f1', name: 'PermissionError', message, details: [{ message }], permissions });
const forbidden = permission(
  ['UPDATE_FEATURE_ENVIRONMENT'],
  'You don\'t have the required permissions to perform this operation. To perform this action, you need the "UPDATE_FEATURE_ENVIRONMENT" permission.',
);
const changeRequest = permission(
  ['SKIP_CHANGE_REQUEST'],
  'You don\'t have the required permissions to perform this operation. To perform this action, you need the "SKIP_CHANGE_REQUEST" permission.',
);

/** The row of the flag without the time since it changed, which goes on by itself. */
const rowText = async () => (await textOf(row())).replace(/(–|now|\d+ \w+ ago)(?=Kill)/, '');

function connectionNow(): Promise<ConnectionStatus | undefined> {
  return new Promise((resolve, reject) => {
    const stream = client.listen(
      'console.watch',
      {},
      {
        snapshot: ({ connections }) => {
          resolve(connections[0]);
          queueMicrotask(() => stream.dispose());
        },
        delta: () => undefined,
        error: reject,
      },
    );
  });
}

/** Kinds of the change's own entries, its result whole. */
const story = (news: readonly EntryData[]) =>
  news.flatMap((entry) =>
    entry.kind === 'change.result'
      ? [`${entry.outcome}${entry.reconciled ? ' (read back)' : ''}`]
      : ['change.proposed', 'change.intent'].includes(entry.kind)
        ? [entry.kind.replace('change.', '')]
        : [],
  );

/** What someone else does in Unleash itself: gives the flag to another share of users. */
async function share(value: string): Promise<void> {
  const [gradual] = environmentOf(await world.flag(PRICING)).strategies;
  if (gradual === undefined || gradual.parameters.rollout === value) return;
  const patch = [{ op: 'replace', path: '/parameters/rollout', value }];
  await flagsOf(world.server).patchStrategy(PRICING, gradual.id, patch);
}

/** Everything as it was: no fault, the flag on, the console has read it. */
async function mended(): Promise<void> {
  world.proxy.fault = null;
  world.proxy.meets = 'all';
  await share('35');
  if (!(await world.enabled(PRICING))) await flagsOf(world.server).switch(PRICING, 'on');
  await client.call('console.retryConnection', { connection: 'flags-eu' });
  await page.getByRole('navigation').getByRole('link', { name: 'Flags' }).click();
  await waitFor('reachable again', async () => /Control plane reachable/.test(await textOf(controlPlane())));
}

describe('a kill whose write goes wrong at Unleash: exit code, words, ledger and flag tell the same (D6)', () => {
  afterEach(mended);

  it.each<[string, Fault, { code: number; words: RegExp; told: string[]; on?: boolean }]>([
    [
      'reset',
      reset,
      { code: 5, words: /; enable_new_pricing in production is as it was$/, told: ['failed (read back)'] },
    ],
    [
      'a timeout',
      silence,
      {
        code: 5,
        words: /within 1000 ms; enable_new_pricing in production is as it was$/,
        told: ['failed (read back)'],
      },
    ],
    ['a 403', forbidden, { code: 6, words: /permission UPDATE_FEATURE_ENVIRONMENT is missing/, told: ['failed'] }],
    ['a 429 for a minute', status(429, { 'retry-after': '60' }), { code: 1, words: /again in 60 s/, told: ['failed'] }],
    ['a 503', status(503), { code: 1, words: /HTTP 503.*is as it was$/s, told: ['failed (read back)'] }],
    [
      'a login page',
      loginPage,
      { code: 1, words: /login page; enable_new_pricing in production is as it was\n/, told: ['failed (read back)'] },
    ],
    ['an approval', changeRequest, { code: 3, words: /change requests/, told: ['approval-required'] }],
    ['a lost answer', lostAnswer, { code: 0, words: /^$/, told: ['accepted (read back)'], on: false }],
  ])('E2, D6: %s', async (_, fault, { code, words, told, on = true }) => {
    const before = offs();
    world.proxy.meets = 'writes';
    world.proxy.fault = fault;
    const killed = await world.scram('kill', PRICING, ...production, '--json');
    const [result] = killedOf(killed.stdout).results;
    expect([killed.code, result?.exitCode]).toEqual([code, code]);
    expect(result?.error ?? '').toMatch(words);
    expect(killed.stderr).toContain(result?.error ?? '');
    expect(offs() - before).toBe(1);
    expect(await world.enabled(PRICING)).toBe(on);
    expect(story(await world.ledgerNews())).toEqual(['proposed', 'intent', ...told]);
  });

  it('E2: a 429 that passes within seconds is waited for; one off reaches Unleash', async () => {
    let held = 0;
    let passed = 0;
    world.proxy.meets = 'writes';
    world.proxy.fault = (call) => {
      if (held++ === 0) return answer(429, {}, { 'retry-after': '1' })(call);
      passed += 1;
      call.pass();
    };
    const killed = await world.scram('kill', PRICING, ...production);
    expect([killed.code, passed]).toEqual([0, 1]);
    expect(await world.enabled(PRICING)).toBe(false);
    expect(story(await world.ledgerNews())).toEqual(['proposed', 'intent', 'accepted']);
  });

  it('D6: a write that failed while someone else changed the flag says both, in words and ledger alike', async () => {
    world.proxy.meets = 'writes';
    world.proxy.fault = async (call) => {
      await share('40');
      return status(503)(call);
    };
    const killed = await world.scram('kill', PRICING, ...production, '--json');
    const [result] = killedOf(killed.stdout).results;
    expect([killed.code, result?.error]).toEqual([1, expect.stringMatching(/HTTP 503.*; .*someone else changed it/)]);
    expect(story(await world.ledgerNews())).toEqual(['proposed', 'intent', 'failed (read back)']);
    expect(await world.enabled(PRICING)).toBe(true);
  });

  it('B2: a flag that moves between preview and execution is a conflict, exit code 4, and nothing is written', async () => {
    let moved = false;
    world.proxy.fault = async (call) => {
      if (moved || !call.request.path.includes(`/features/${PRICING}?`)) return call.pass();
      moved = true;
      const { status: code, headers, body } = await call.forward();
      await share('40');
      const { 'transfer-encoding': _, ...kept } = headers;
      call.response.writeHead(code, kept).end(body);
    };
    const before = offs();
    const killed = await world.scram('kill', PRICING, ...production, '--json');
    expect([killed.code, killedOf(killed.stdout).results[0]?.error]).toEqual([
      4,
      expect.stringMatching(/changed after/),
    ]);
    expect([offs() - before, await world.enabled(PRICING)]).toEqual([0, true]);
    expect(story(await world.ledgerNews())).toEqual(['proposed', 'conflict']);
  });
});

describe('the page and Unleash at odds', () => {
  afterEach(mended);

  it('E1, D6: an approval that Unleash demands is said in the dialog, with where to go; nothing is called done', async () => {
    world.proxy.meets = 'writes';
    world.proxy.fault = changeRequest;
    await page.getByRole('button', { name: `Kill ${PRICING}`, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Kill ${PRICING} in production` });
    await dialog.getByRole('button', { name: 'Kill in production' }).click();
    await waitFor('the refusal', async () => /go through change requests/.test(await textOf(dialog)));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const { changes } = await client.call('flags.history', { connection: 'flags-eu', key: PRICING });
    expect(changes[0]).toMatchObject({ stage: 'approval-required', propagation: { acceptedAtMs: null } });
    await row().getByRole('link', { name: PRICING }).click();
    await page.getByText('held for the provider’s approval').first().waitFor();
    expect(story(await world.ledgerNews())).toEqual(['proposed', 'intent', 'approval-required']);
  });
});

describe('Unleash away altogether: the page says what is wrong and keeps what it knew, a kill says why not (E1, H3)', () => {
  afterEach(mended);

  it.each<[string, Fault, { code: number; words: RegExp }]>([
    ['reset', reset, { code: 5, words: /reset|closed|refused/i }],
    ['a timeout', silence, { code: 5, words: /within 1000 ms/ }],
    ['a 403', forbidden, { code: 6, words: /UPDATE_FEATURE_ENVIRONMENT/ }],
    ['a 503', status(503), { code: 1, words: /503/ }],
    ['a login page', loginPage, { code: 1, words: /login page/ }],
  ])('E1, H3: %s', async (_, fault, { code, words }) => {
    const known = await rowText();
    expect(known).toContain('35 % by userId where country IN DE, AT');
    const brokenAtMs = Date.now();
    world.proxy.fault = fault;
    await waitFor('the frame says so', async () => /1 source unreachable/.test(await textOf(controlPlane())));
    await page.getByText(words).first().waitFor();
    await page.getByText('Flags are shown as last read').waitFor();
    expect(await rowText()).toBe(known);
    const connection = await connectionNow();
    expect(connection?.problem).toMatch(words);
    expect(connection?.lastReadAtMs).toBeGreaterThan(brokenAtMs - 5000);
    expect(connection?.lastReadAtMs).toBeLessThanOrEqual(brokenAtMs);
    const killed = await world.scram('kill', PRICING, ...production, '--json');
    expect([killed.code, killedOf(killed.stdout).results[0]?.error]).toEqual([code, expect.stringMatching(words)]);
    expect(await world.enabled(PRICING)).toBe(true);
    expect(story(await world.ledgerNews())).toEqual([]);
  });

  it('E2: a 429 says when to try again, and calls nothing unreachable', async () => {
    world.proxy.fault = status(429, { 'retry-after': '60' });
    const killed = await world.scram('kill', PRICING, ...production, '--json');
    expect([killed.code, killedOf(killed.stdout).results[0]?.error]).toEqual([1, expect.stringMatching(/60 s/)]);
    expect(await textOf(controlPlane())).toMatch(/reachable/);
    expect(story(await world.ledgerNews())).toEqual([]);
  });
});

it('D6, E2: the ledger verifies, and no secret that was sent is in output, log, ledger, page or its traffic', async () => {
  const exported = path.join(world.folder, 'ledger.jsonl');
  expect((await world.scram('ledger', 'export', exported)).code).toBe(0);
  expect((await world.scram('ledger', 'verify', exported)).code).toBe(0);
  const secrets = [
    ...new Set([...world.proxy.secrets(), world.server.adminToken, world.server.clientToken('production')]),
  ];
  expect(world.proxy.secrets()).toContain(world.server.adminToken);
  const places = {
    output: world.said(),
    ledger: await readFile(exported, 'utf8'),
    page: await page.content(),
    traffic: frames.join('\n'),
  };
  expect(frames.length).toBeGreaterThan(20);
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) {
      expect(text.includes(secret) || text.includes(secret.split('.').at(-1)!), place).toBe(false);
    }
  }
});

it('E1: refused: exit code 5, the page keeps its flags and their age, and the ledger tells of no change', async () => {
  await world.proxy.stop();
  await waitFor('the frame says so', async () => /1 source unreachable/.test(await textOf(controlPlane())));
  await page
    .getByText(/ECONNREFUSED|refused/)
    .first()
    .waitFor();
  await row().waitFor();
  const killed = await world.scram('kill', PRICING, ...production, '--json');
  expect([killed.code, killedOf(killed.stdout).results[0]?.error]).toEqual([5, expect.stringMatching(/refused/i)]);
  expect(story(await world.ledgerNews())).toEqual([]);
});
