import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runScram } from '../support/web-host.ts';

const CONFIG = `version: 1
team: payments
environments:
  production: { tone: production }
connections:
  - { id: local, kind: flagd, files: { production: ./local.json } }
  - { id: other, kind: flagd, files: { production: ./other.json } }
services:
  - { id: checkout, flags: [ { connection: local, key: cart }, { connection: other, key: recs } ] }
  - { id: idle }
killSets: [ { id: minimum, flags: [recs, search, cart] } ]
`;
const on = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' };
let folder: string;

const file = (name: string) => path.join(folder, name);
const fileOf = (...keys: string[]) =>
  `${JSON.stringify({ flags: Object.fromEntries(keys.map((key) => [key, on])) })}\n`;
const scram = (...args: string[]) => runScram([...args, '--data-dir', file('data')], { cwd: folder });
const kill = (...args: string[]) => scram('kill', ...args, '--env', 'production', '--reason', 'INC-1');

async function serves(name: string): Promise<Record<string, string>> {
  const { flags } = JSON.parse(await readFile(file(name), 'utf8')) as { flags: Record<string, typeof on> };
  return Object.fromEntries(Object.entries(flags).map(([key, flag]) => [key, flag.defaultVariant]));
}

interface Killed {
  results: { connection: string | null; flag: string; exitCode: number; error: string | null; change: object | null }[];
  batch?: { state: string; items: { flag: string; stage: string }[] };
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-terminal-'));
  await writeFile(file('scram.yaml'), CONFIG);
  await writeFile(file('local.json'), fileOf('cart', 'search', 'spare'));
  await writeFile(file('other.json'), fileOf('recs'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('scram kill of several flags (E7, B4, B13)', () => {
  it('B4: is one confirmation, in order, with a result for each, each undone by itself', async () => {
    const { code, stdout, stderr } = await kill('search', 'cart', '--yes', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { results, batch } = JSON.parse(stdout) as Killed;
    expect(results.map(({ flag, exitCode, error }) => [flag, exitCode, error])).toEqual([
      ['search', 0, null],
      ['cart', 0, null],
    ]);
    expect(results[0]?.change).toMatchObject({
      change: { payload: { flag: 'search' } },
      propagation: { overdue: false },
    });
    expect(batch).toMatchObject({ state: 'done', items: [{ flag: 'search' }, { flag: 'cart' }] });
    expect(await serves('local.json')).toEqual({ cart: 'off', search: 'off', spare: 'on' });
    expect((await scram('restore', 'cart', '--env', 'production', '--reason', 'fixed', '--yes')).code).toBe(0);
    expect(await serves('local.json')).toEqual({ cart: 'on', search: 'off', spare: 'on' });
  });

  it('B13: --set kills a kill set in its order, across connections, in words', async () => {
    const { code, stdout } = await kill('--set', 'minimum', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Kill minimum in PRODUCTION: 3 of 3 flags, in this order/);
    expect(stdout.indexOf('1  recs')).toBeLessThan(stdout.indexOf('2  search'));
    expect(stdout).toMatch(/3 of 3 accepted, 3 served/);
    expect([await serves('local.json'), await serves('other.json')]).toEqual([
      { cart: 'off', search: 'off', spare: 'on' },
      { recs: 'off' },
    ]);
  });

  it('--service kills what the service lists; one without flags says so', async () => {
    expect((await kill('--service', 'checkout', '--yes')).code).toBe(0);
    expect([await serves('local.json'), await serves('other.json')]).toEqual([
      { cart: 'off', search: 'on', spare: 'on' },
      { recs: 'off' },
    ]);
    const idle = await kill('--service', 'idle', '--yes');
    expect([idle.code, idle.stderr]).toEqual([1, expect.stringMatching(/idle has no flags/)]);
    expect((await kill('--set', 'minimun', '--yes')).stderr).toMatch(/did you mean minimum/);
  });

  it('B2: does nothing unasked: without --yes and without a terminal it shows what would happen', async () => {
    const asked = await kill('--set', 'minimum');
    expect([asked.code, asked.stdout]).toEqual([2, expect.stringContaining('PRODUCTION')]);
    expect(await serves('local.json')).toEqual({ cart: 'on', search: 'on', spare: 'on' });
    expect((await kill('cart', '--set', 'minimum', '--yes')).code).toBe(2);
  });

  it('E7: goes on past a flag that cannot be killed, and exits with the worst', async () => {
    expect((await kill('cart', '--yes')).code).toBe(0);
    await rm(file('other.json'));
    const { code, stdout, stderr } = await kill('--set', 'minimum', '--yes', '--json');
    expect(code).toBe(5);
    expect((JSON.parse(stdout) as Killed).results.map(({ flag, exitCode }) => [flag, exitCode])).toEqual([
      ['recs', 5],
      ['search', 0],
      ['cart', 3],
    ]);
    expect(stderr).toMatch(/cart: cart is already killed in production/);
    expect(await serves('local.json')).toEqual({ cart: 'off', search: 'off', spare: 'on' });
  });
});

describe('scram check --probe', () => {
  it('tries every connection out, beside a data folder that it never touches', async () => {
    const good = await scram('check', '--probe');
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/local +flagd +ok +yes +yes .*local\.json: 3 flags/);
    await expect(access(file('data'))).rejects.toThrow();
    await rm(file('other.json'));
    const bad = await scram('check', '--probe', '--json');
    expect(bad.code).toBe(1);
    const { ok, probes } = JSON.parse(bad.stdout) as { ok: boolean; probes: { id: string; report: { ok: boolean } }[] };
    expect([ok, probes.map(({ id, report }) => [id, report.ok])]).toEqual([
      true,
      [
        ['local', true],
        ['other', false],
      ],
    ]);
  });

  it('says of a metric source that does not answer that it does not, and checks the file first', async () => {
    const prom = '  - { id: prom, kind: prometheus, url: http://127.0.0.1:9 }\nservices:';
    await writeFile(file('scram.yaml'), CONFIG.replace('services:', prom));
    const { code, stdout } = await scram('check', '--probe');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/prom +prometheus +NOT OK/)]);
    await writeFile(file('scram.yaml'), CONFIG.replace('flags: [recs,', 'flags: [recs, recs,'));
    const invalid = await scram('check', '--probe');
    expect([invalid.code, invalid.stdout]).toEqual([7, expect.stringMatching(/has the flag recs twice/)]);
  });
});

it('B3: scram status names each provider’s own environment', async () => {
  const { code, stdout } = await scram('status');
  expect(code).toBe(0);
  expect(stdout).toContain(`production: ${file('local.json')}`);
});

it('B6: scram drift lists what differs from what was made here, and since when', async () => {
  expect((await kill('cart', '--yes')).code).toBe(0);
  await writeFile(file('local.json'), fileOf('cart', 'search', 'spare'));
  const { stdout } = await scram('drift');
  expect(stdout).toMatch(/production +cart +local +off +on .*the provider itself/);
  const { drifts } = JSON.parse((await scram('drift', '--json')).stdout) as { drifts: { flag: string }[] };
  expect(drifts).toMatchObject([{ flag: 'cart', providerDiffers: true }]);
  expect((await scram('drift', '--env', 'prod')).stderr).toMatch(/there are: production/);
});
