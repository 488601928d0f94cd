import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { type ConsoleTeam, FLAG, foundConsoleTeam, passphraseOf } from '../support/console-team.ts';
import { type FaultServer, json, matrix, startFaultServer } from '../support/fault-server.ts';
import { type PageWatch, watchPage } from '../support/page-secrets.ts';
import { NODE, waitFor } from '../support/processes.ts';
import { holdersOfSecret } from '../support/secret-forms.ts';
import { CANARY as DATABASE, startTeamPostgres, type TeamPostgres } from '../support/team-postgres.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { type RunningHost, runScram, type ScramEnded } from '../support/web-host.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** Typed into the page's dialog; piped into the terminal and sealed; printed by a command; typed for keys and by mistake. */
const TYPED = 'CANARY typed&blind/"7f3a"+token';
const SEALED = 'CANARY sealed&for/"two"+0c4e';
const PRINTED = 'CANARY-printed-by-a-command-91bc';
const CHANGED = 'CANARY of alex, changed/"c3aa"&kept';
const ENROLLED = 'CANARY of jo, made here/"a41f"&kept';
const WRONG = 'CANARY of another account/"5d20"';
/** No secret: typed into an ordinary field, to show that the search finds what is there. */
const PLAIN = 'canary of no importance';

let folder: TempFolder;
let postgres: TeamPostgres;
let hook: WebhookReceiver;
let server: FaultServer;
let team: ConsoleTeam;
let host: RunningHost;
let browser: TestBrowser;
let page: Page;
let watch: PageWatch;
const ran: ScramEnded[] = [];
let passphrase = passphraseOf('alex');

/** Each secret, and in how many frames it goes out: once for each time that it is asked for. */
const secrets = (): Record<string, { readonly text: string; readonly typed: number }> => ({
  'the passphrase of Alex': { text: passphraseOf('alex'), typed: 2 },
  'the next passphrase of Alex': { text: CHANGED, typed: 1 },
  'the passphrase of Jo, who is new': { text: ENROLLED, typed: 1 },
  'the passphrase of Sam': { text: passphraseOf('sam'), typed: 2 },
  'the credential of the dialog': { text: TYPED, typed: 1 },
  'a wrong passphrase': { text: WRONG, typed: 1 },
  'the key of the webhook': { text: hook.key, typed: 0 },
  'the sealed credential': { text: SEALED, typed: 0 },
  'what the command printed': { text: PRINTED, typed: 0 },
  'the password of the team store': { text: DATABASE, typed: 0 },
  'the connection string': { text: postgres.consoleUrl(), typed: 0 },
});

/** A command of Alex, with the passphrase as scripts give it. */
async function terminal(args: readonly string[], input = '', more: Record<string, string> = {}): Promise<ScramEnded> {
  const env = { SCRAM_PASSPHRASE: passphrase, ...more };
  const here = ['--as', 'alex', '--data-dir', team.dataDir('desk')];
  const ended = await runScram([...args, ...here], { env, input });
  ran.push(ended);
  return ended;
}

beforeAll(async () => {
  folder = tempFolder('canaries');
  [postgres, hook, server, browser] = await Promise.all([
    startTeamPostgres(),
    startWebhookReceiver(),
    startFaultServer((asked, response, socket) => {
      const end = Number(asked.form.get('end') ?? Date.now() / 1000);
      json(200, matrix([[end, '0.2']]))(asked, response, socket);
    }),
    startBrowser(),
  ]);
  // What a child of the console can see, written down by such a child.
  writeFileSync(
    folder.at('child.mjs'),
    `import { appendFileSync, readFileSync } from 'node:fs';
for (const pid of ['self', process.ppid]) {
  appendFileSync(${JSON.stringify(folder.at('children'))}, readFileSync('/proc/' + pid + '/cmdline'));
}
appendFileSync(${JSON.stringify(folder.at('children'))}, readFileSync('/proc/self/environ'));
console.log(${JSON.stringify(PRINTED.split('-'))}.join('-'));
`,
  );
  const chart = (id: string, credential: string) =>
    `  - { id: ${id}, kind: prometheus, url: ${server.url}, credential: ${JSON.stringify(credential)}, refresh: 1s }`;
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    env: { TEAM_DB: postgres.consoleUrl() },
    people: {
      alex: { roles: ['responder', 'admin'], on: ['desk'] },
      sam: { roles: ['approver'], on: ['desk'] },
    },
    more: [
      'connections:',
      '  - { id: local, kind: flagd, files: { production: ./production.json } }',
      chart('typed', 'typed-token'),
      chart('sealed', 'emergency'),
      chart('printed', `cmd:"${NODE}" "${folder.at('child.mjs')}"`),
      'services:',
      '  - id: checkout',
      `    flags: [ { connection: local, key: ${FLAG} } ]`,
      '    slis:',
      ...['typed', 'sealed', 'printed'].map(
        (id) => `      - { id: ${id}, name: ${id}, connection: ${id}, query: up, unit: s, objective: { below: 0.6 } }`,
      ),
      `notify: [ { id: room, kind: webhook, url: "${hook.url}", credential: hook-key } ]`,
      `teamStore: { kind: postgres, credential: env:TEAM_DB, schema: ${await postgres.newSchema()}, poll: 1s }`,
    ].join('\n'),
  });
  host = await team.start('desk');
});
afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await Promise.all([server?.stop(), hook?.stop(), postgres?.dispose()]);
  folder?.remove();
});

const view = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
const footer = (name: string | RegExp) => page.locator('footer').getByRole('button', { name });
const dialog = () => page.getByRole('dialog').last();
const asked = (secret: string) => server.seen.some(({ headers }) => headers.authorization === `Bearer ${secret}`);

async function openUnlock(): Promise<void> {
  // Not that of `unlocked`, which stands there for a moment longer.
  await footer(/^locked$/).click();
  await page.getByRole('dialog', { name: 'Unlock' }).getByRole('radio', { name: 'Alex' }).check();
}

describe('053: secrets of a team, the whole way (E2, E3)', () => {
  it('a working day in a browser and a terminal', async () => {
    page = await browser.context.newPage();
    watch = await watchPage(page);
    await page.goto(host.url);
    await openUnlock();
    await dialog().getByLabel('Passphrase', { exact: true }).fill(passphraseOf('alex'));
    await page.keyboard.press('Enter');
    await footer(/alex.*unlocked/).waitFor();

    await view('Setup');
    await page.getByRole('button', { name: 'Set… typed-token' }).click();
    await dialog().getByLabel('Value').fill(TYPED);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await waitFor('it is used', () => asked(TYPED));

    for (const [args, input] of [
      [['vault', 'set', 'hook-key'], hook.key],
      [['vault', 'set', 'emergency'], SEALED],
      [['vault', 'seal', 'emergency', '--with', 'alex', '--with', 'sam'], ''],
    ] as const) {
      expect(await terminal(args, input)).toMatchObject({ code: 0, stderr: '' });
    }
    await page.getByRole('button', { name: 'Open together… emergency' }).click();
    await dialog().getByLabel('Their passphrase').fill(passphraseOf('sam'));
    await dialog().getByRole('button', { name: 'Open', exact: true }).click();
    await dialog()
      .getByText(/open until/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await waitFor('the sealed one is used', () => asked(SEALED));
    await waitFor('the printed one is used', () => asked(PRINTED));

    await page.getByRole('button', { name: 'Enrol on this console…' }).click();
    await dialog().getByRole('textbox', { name: 'Operator id' }).fill('jo');
    await dialog().getByLabel('Passphrase', { exact: true }).fill(ENROLLED);
    await dialog().getByLabel('Passphrase once more').fill(ENROLLED);
    await dialog().getByRole('button', { name: 'Make the key' }).click();
    await dialog().getByRole('textbox', { name: 'Public key' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await view('Flags');
    await page.getByRole('button', { name: `Kill ${FLAG}`, exact: true }).click();
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByRole('button', { name: 'At this desk…' }).click();
    const beside = page.getByRole('dialog', { name: 'Approve at this desk' });
    await beside.getByLabel('Passphrase', { exact: true }).fill(passphraseOf('sam'));
    await beside.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('Approved by Sam.').waitFor();
    await page.getByRole('button', { name: 'Kill in production' }).click();
    await waitFor('it is off', () => !team.flags().includes('fractional'));
    await page.getByRole('button', { name: 'Close' }).last().click();

    await view('Incidents');
    await page.getByRole('button', { name: 'Open incident…' }).click();
    await dialog().getByRole('textbox', { name: 'Title' }).fill(PLAIN);
    await dialog().getByRole('button', { name: 'Open incident' }).click();
    await page.getByRole('region', { name: PLAIN }).getByRole('button', { name: 'Status update…' }).click();
    await dialog().getByRole('textbox', { name: 'What next' }).fill('watching');
    await dialog().getByRole('button', { name: 'Send' }).click();
    await waitFor('the room was told', () => hook.taken.some(({ event }) => event === 'status'));
    await page.keyboard.press('Escape');

    await page.keyboard.press('5');
    await page.getByRole('link', { name: 'Chains and anchors' }).click();
    await page.getByRole('button', { name: 'Read aloud…' }).click();
    await page.getByRole('button', { name: 'Make the line' }).click();
    await page.getByText('Over every chain’s end').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await footer(/alex.*unlocked/).click();
    await page.getByRole('menuitem', { name: 'Change passphrase…' }).click();
    await dialog().getByLabel('Present passphrase').fill(passphraseOf('alex'));
    await dialog().getByLabel('New passphrase', { exact: true }).fill(CHANGED);
    await dialog().getByLabel('New passphrase again').fill(CHANGED);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    passphrase = CHANGED;

    await footer(/alex.*unlocked/).click();
    await page.getByRole('menuitem', { name: 'Lock now' }).click();
    await openUnlock();
    await dialog().getByLabel('Passphrase', { exact: true }).fill(WRONG);
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase of Alex.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    for (const args of [
      ['ledger', 'export', folder.at('export.jsonl')],
      ['ledger', 'anchor', '--file', folder.at('anchors')],
      ['vault', 'list', '--json'],
      ['status', '--json'],
    ]) {
      expect(await terminal(args)).toMatchObject({ code: 0 });
    }
    await waitFor('the team has all of it', async () => {
      const rows = await postgres.admin('SELECT count(*) AS rows FROM team_1.entries');
      return Number(rows[0]?.rows) > 20;
    });
  }, 120_000);

  it('the page: each goes out in exactly as many frames as it was typed, and is nowhere in it afterwards', async () => {
    const memory = await watch.memory();
    const places = new Map([
      ['memory', Buffer.from(memory)],
      ['received', Buffer.from(await watch.received())],
      ['stored', Buffer.from(await watch.stored())],
    ]);
    expect(memory).toContain(PLAIN);
    expect(memory.length).toBeGreaterThan(1_000_000);
    const found: Record<string, unknown> = {};
    const wanted: Record<string, unknown> = {};
    for (const [name, { text, typed }] of Object.entries(secrets())) {
      const frames = watch.sent.filter((frame) => holdersOfSecret(text, new Map([['it', Buffer.from(frame)]])).length);
      found[name] = { frames: frames.length, places: holdersOfSecret(text, places) };
      wanted[name] = { frames: typed, places: [] };
    }
    expect(found).toEqual(wanted);
  });

  it('files, database, logs, exports, what the commands said, and what children are started with', async () => {
    const code = await host.stop();
    expect(code).toBe(0);
    // A command with no console beside it, which starts the children itself.
    const children = readFileSync(folder.at('children')).length;
    const alone = ['status', '--json', '--config', team.config];
    expect(await terminal(alone, '', { TEAM_DB: postgres.consoleUrl() })).toMatchObject({ code: 0 });
    expect(readFileSync(folder.at('children')).length).toBeGreaterThan(children);
    const places = new Map<string, Buffer>([
      ['the host’s log', Buffer.from(host.log())],
      ['the commands', Buffer.from(ran.map(({ stdout, stderr }) => stdout + stderr).join('\n'))],
    ]);
    for (const place of [team.dataDir('desk'), path.dirname(team.config)]) {
      for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name);
        if (entry.isFile()) places.set(path.relative(folder.path, file), readFileSync(file));
      }
    }
    for (const name of ['export.jsonl', 'anchors', 'children']) places.set(name, readFileSync(folder.at(name)));
    for (const table of ['entries', 'presence', 'migrations']) {
      const rows = await postgres.admin(`SELECT t::text AS line FROM team_1.${table} t`);
      places.set(`table ${table}`, Buffer.from(rows.map(({ line }) => String(line)).join('\n')));
    }
    places.set('messages', Buffer.from(JSON.stringify(hook.taken)));
    for (const name of [
      'desk/vault.json',
      'desk/vault.previous.json',
      'desk/device.key',
      'table entries',
      'children',
    ]) {
      expect(places.get(name)?.length ?? 0).toBeGreaterThan(20);
    }
    const found = Object.entries(secrets()).map(([name, { text }]) => [name, holdersOfSecret(text, places)]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(found.map(([name]) => [name, []])));
    // An ordinary word is where it belongs: the search looks at the right things.
    expect(holdersOfSecret(PLAIN, places)).toEqual(
      expect.arrayContaining(['export.jsonl', 'table entries', 'messages']),
    );
  });
});
