import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contract, type OperationName } from '../../shared/contract/index.ts';
import { askForKillOn, kindsOfConsole } from '../support/acts.ts';
import { type ConsoleTeam, FLAG, foundConsoleTeam, passphraseOf } from '../support/console-team.ts';
import { type FaultServer, json, matrix, startFaultServer } from '../support/fault-server.ts';
import { openPageSocket, type PageSocket } from '../support/page-socket.ts';
import { waitFor } from '../support/processes.ts';
import { holdersOfSecret } from '../support/secret-forms.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { type RunningHost, runScram, startWebHost } from '../support/web-host.ts';

const TOKEN = 'CANARY-token-of-the-vault-5d20';
const SEALED = 'CANARY-sealed-to-two-91bc';

let folder: TempFolder;
let team: ConsoleTeam;
let server: FaultServer;
let request: string;
let copies = 0;
const running: { host?: RunningHost; page?: PageSocket } = {};

/** Prometheus as far as a chart asks it. */
const chart: FaultServer['answer'] = (asked, response, socket) => {
  const end = Number(asked.form.get('end') ?? Date.now() / 1000);
  json(200, matrix([[end, '0.2']]))(asked, response, socket);
};

let flags: string;

beforeAll(async () => {
  folder = tempFolder('stolen');
  server = await startFaultServer(chart);
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    people: {
      alex: { roles: ['responder', 'approver', 'admin'], on: ['desk'] },
      sam: { roles: ['approver'], on: ['desk'] },
    },
    more: `connections:
  - { id: local, kind: flagd, files: { production: ./production.json } }
  - { id: prom, kind: prometheus, url: ${server.url}, credential: prom-token, refresh: 300ms }
services:
  - id: checkout
    flags: [ { connection: local, key: ${FLAG} } ]
    slis: [ { id: p99, name: p99, connection: prom, query: up, unit: s, objective: { below: 0.6 } } ]`,
  });
  const host = await team.start('desk');
  const page = await team.page(host, 'alex');
  await page.call('vault.set', { name: 'prom-token', value: TOKEN });
  await page.call('vault.set', { name: 'emergency', value: SEALED });
  await page.call('vault.seal', { name: 'emergency', holders: ['alex', 'sam'] });
  ({ request } = await askForKillOn(page, FLAG));
  await waitFor('the chart is read with the token', () =>
    server.seen.some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`),
  );
  page.close();
  await host.stop();
  flags = team.flags();
});
afterEach(async () => {
  writeFileSync(team.flagFile, flags);
  running.page?.close();
  await running.host?.stop();
});
afterAll(async () => {
  await server?.stop();
  folder?.remove();
});

interface Loot {
  readonly config: string;
  readonly dataDir: string;
  readonly flagFile: string;
}

/** Everything of the console, on the thief's machine. */
function steal(): Loot {
  copies += 1;
  const to = folder.at(`loot-${copies}`);
  cpSync(team.dataDir('desk'), path.join(to, 'desk'), { recursive: true, filter: (from) => !from.endsWith('.sock') });
  cpSync(path.dirname(team.config), path.join(to, 'team'), { recursive: true });
  return {
    config: path.join(to, 'team/scram.yaml'),
    dataDir: path.join(to, 'desk'),
    flagFile: path.join(to, 'team/production.json'),
  };
}

async function startLoot({ config, dataDir }: Pick<Loot, 'config' | 'dataDir'>): Promise<PageSocket> {
  const host = await startWebHost({ dataDir, config });
  running.host = host;
  running.page = await openPageSocket(host);
  return running.page;
}

const doing = (Object.keys(contract) as OperationName[]).filter((op) => contract[op].access !== 'view');

describe('052: a stolen data folder, started by the thief', () => {
  it('E1: shows what was last known, asks nobody for anything by the credentials, and gives none out', async () => {
    // The disk itself this time, with everything where it was, and the flags' source out of reach.
    const loot = { config: team.config, dataDir: team.dataDir('desk') };
    rmSync(team.flagFile);
    const asked = server.seen.length;
    const page = await startLoot(loot);
    await waitFor('the flag as it was last seen', async () => {
      const { rows } = await page.snapshot('flags.watch', { environment: 'production' });
      return rows.some(({ key }) => key === FLAG) && JSON.stringify(rows).includes('"percentage":20');
    });
    expect(await kindsOfConsole(page)).toContain('approval.requested');
    expect((await page.snapshot('approvals.watch', {})).items).toMatchObject([{ request: { hash: request } }]);
    await waitFor('the connection says why it is not read', async () => {
      const { connections } = await page.snapshot('console.watch', {});
      return connections.some((one) => one.id === 'prom' && JSON.stringify(one).includes('locked'));
    });
    // It is told to try again, more than once, and still has nothing to ask with.
    for (let round = 0; round < 3; round += 1) {
      await page.code('console.retryConnection', { connection: 'prom' });
      await page.code('console.probe', { connection: 'prom' });
    }
    const vault = await page.snapshot('vault.watch', {});
    expect(vault).toMatchObject({
      open: false,
      credentials: [{ name: 'prom-token' }],
      sealed: [{ name: 'emergency' }],
    });
    expect(server.seen.length).toBe(asked);
    const shown = new Map([
      ['traffic', Buffer.from(page.frames.join('\n'))],
      ['log', Buffer.from(running.host?.log() ?? '')],
    ]);
    for (const secret of [TOKEN, SEALED, passphraseOf('alex')]) expect(holdersOfSecret(secret, shown)).toEqual([]);
  });

  it('E2: cannot act, approve, sign a roster, read or set one credential, or give itself a key', async () => {
    const loot = steal();
    const page = await startLoot(loot);
    for (const op of doing) expect({ op, code: await page.code(op, {}) }).toEqual({ op, code: 'locked' });
    const thief = { operator: 'thief', passphrase: 'a passphrase of the thief' };
    expect(await page.code('people.enrol', thief)).toBe('locked');
    expect(await page.code('people.enrol', { ...thief, operator: 'alex' })).not.toBe('done');
    expect(await page.code('people.unlock', thief)).toBe('locked');
    expect(await page.code('people.unlockByKeychain', { operator: 'alex' })).toBe('locked');
    const decision = { request, decision: 'approve', reason: '' };
    expect(await page.code('approvals.decideBeside', { ...decision, ...thief })).toBe('locked');
    expect(await page.code('people.changePassphrase', { ...thief, next: 'another of the thief' })).toBe('locked');
    expect(readFileSync(loot.flagFile, 'utf8')).toBe(flags);
    expect(await kindsOfConsole(page)).not.toContain('approval.decided');
  });

  it('D5, E2: rewriting scram.yaml, with another vault, with nobody in it or with themself, opens nothing', async () => {
    const loot = steal();
    const asked = server.seen.length;
    const yaml = readFileSync(loot.config, 'utf8');
    writeFileSync(loot.config, yaml.replace(/^operators: .*$/m, 'operators: []'));
    const page = await startLoot(loot);
    expect((await page.snapshot('people.watch', {})).enforced).toBe(true);
    expect(await page.code('vault.set', { name: 'prom-token', value: 'x' })).toBe('locked');
    page.close();
    await running.host?.stop();

    // With a vault of their own they have a key, which no roster names; and none of the credentials.
    for (const name of ['vault.json', 'vault.previous.json']) rmSync(path.join(loot.dataDir, name), { force: true });
    const again = await startLoot(loot);
    const passphrase = 'a passphrase of the thief';
    const { publicKey } = await again.call('people.enrol', { operator: 'alex', passphrase });
    const admin = { id: 'alex', name: 'Alex', roles: ['admin', 'responder', 'approver'], publicKeys: [publicKey] };
    writeFileSync(loot.config, yaml.replace(/^operators: .*$/m, `operators: [ ${JSON.stringify(admin)} ]`));
    await waitFor('the configuration is taken up', async () => {
      const { roster } = await again.snapshot('people.watch', {});
      return roster.unsigned.length > 0;
    });
    await again.call('people.unlock', { operator: 'alex', passphrase });
    expect((await again.snapshot('people.watch', {})).rights).toEqual(['view']);
    expect(await again.code('people.signRoster', {})).toBe('forbidden');
    const kill = { action: 'kill', connection: 'local', flag: FLAG, environment: 'production' };
    expect(await again.code('changes.preview', kill)).toBe('forbidden');
    expect(await again.code('approvals.decide', { request, decision: 'approve', reason: '' })).toBe('forbidden');
    expect(server.seen.slice(asked).filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    const text = Buffer.from(again.frames.join('\n') + (running.host?.log() ?? ''));
    for (const secret of [TOKEN, SEALED]) expect(holdersOfSecret(secret, new Map([['shown', text]]))).toEqual([]);
  });

  it('E2: 100 wrong passphrases, all at once and then one after another, are slowed, and lose nothing', async () => {
    const loot = steal();
    const vault = readFileSync(path.join(loot.dataDir, 'vault.json'));
    const page = await startLoot(loot);
    const guess = (at: number) => page.code('people.unlock', { operator: 'alex', passphrase: `guess ${at}` });
    const burst = await Promise.all(Array.from({ length: 60 }, (_, at) => guess(at)));
    expect(burst.filter((code) => code === 'locked')).toHaveLength(5);
    expect(burst.filter((code) => code === 'rate-limited')).toHaveLength(55);
    const began = Date.now();
    let tried = 0;
    for (let at = 0; at < 40 || Date.now() - began < 5_000; at += 1) {
      const code = await guess(100 + at);
      expect(['locked', 'rate-limited']).toContain(code);
      if (code === 'locked') tried += 1;
    }
    // A second, then two, then four: no more than that in the five seconds, however often it is asked.
    expect(tried).toBeLessThanOrEqual(3);
    // Another page, the terminal and a console that is started anew are held back as well.
    const wrong = { SCRAM_OPERATOR: 'alex', SCRAM_PASSPHRASE: 'guess' };
    const { code } = await runScram(
      ['kill', FLAG, '--env', 'production', '--reason', 'x', '--yes', '--data-dir', loot.dataDir],
      { env: wrong },
    );
    expect(code).toBe(6);
    await waitFor('one more is let through', async () => (await guess(1_000)) === 'locked', { deadlineMs: 20_000 });
    page.close();
    await running.host?.stop();
    expect(readFileSync(path.join(loot.dataDir, 'vault.json'))).toEqual(vault);
    const again = await startLoot(loot);
    const held = (await again.snapshot('people.watch', {})).retryAtMs;
    expect(held ?? 0).toBeGreaterThan(Date.now());
    expect(await again.code('people.unlock', { operator: 'alex', passphrase: passphraseOf('alex') })).toBe(
      'rate-limited',
    );

    await waitFor('the wait is over', async () => (await again.snapshot('people.watch', {})).retryAtMs === null, {
      deadlineMs: 20_000,
    });
    const asked = server.seen.length;
    await again.call('people.unlock', { operator: 'alex', passphrase: passphraseOf('alex') });
    await waitFor('everything is there again', () =>
      server.seen.slice(asked).some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`),
    );
  }, 120_000);
});
