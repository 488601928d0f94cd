import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkoutFlags } from '../support/checkout.ts';
import { runScram } from '../support/web-host.ts';

const CONFIG = `version: 1
team: payments
environments:
  production: { tone: production }
  staging: {}
connections:
  - { id: local, kind: flagd, files: { production: ./production.json, staging: ./staging.json } }
services:
  - { id: checkout, flags: [ { connection: local, key: enable_new_pricing } ] }
`;
let folder: string;
let production: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-terminal-'));
  production = path.join(folder, 'production.json');
  await writeFile(path.join(folder, 'scram.yaml'), CONFIG);
  await writeFile(production, checkoutFlags(20));
  await writeFile(path.join(folder, 'staging.json'), checkoutFlags(20));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const scram = (...args: string[]) => runScram([...args, '--data-dir', path.join(folder, 'data')], { cwd: folder });

it('E7: kills without a console running, exits 0 when accepted, and restores byte for byte (B7)', async () => {
  const before = await readFile(production);
  const killed = await scram(
    'kill',
    'enable_new_pricing',
    '--env',
    'production',
    '--reason',
    'INC-1',
    '--yes',
    '--json',
  );
  expect({ code: killed.code, stderr: killed.stderr }).toEqual({ code: 0, stderr: '' });
  const flag = (JSON.parse(await readFile(production, 'utf8')) as { flags: Record<string, object> }).flags
    .enable_new_pricing;
  expect(flag).toMatchObject({ state: 'ENABLED', defaultVariant: 'off' });
  expect(flag).not.toHaveProperty('targeting');
  expect(await readFile(path.join(folder, 'staging.json'))).toEqual(before);

  const restored = await scram('restore', 'enable_new_pricing', '--env', 'production', '--reason', 'fixed', '--yes');
  expect(restored.code).toBe(0);
  expect(await readFile(production)).toEqual(before);
  const verified = await scram('ledger', 'verify');
  expect(verified.code).toBe(0);
  expect(verified.stdout).toMatch(/verified/);
  const shown = await scram('ledger', 'show', '--json');
  const kinds = (JSON.parse(shown.stdout) as { entries: { body: { data: { kind: string } } }[] }).entries.map(
    (entry) => entry.body.data.kind,
  );
  for (const kind of ['change.proposed', 'change.intent', 'change.result', 'change.served'])
    expect(kinds).toContain(kind);
});

it('D6: an exported ledger verifies by itself, and a changed byte is found with exit code 8', async () => {
  await scram('kill', 'enable_new_pricing', '--env', 'production', '--reason', 'INC-1', '--yes');
  const file = path.join(folder, 'ledger.jsonl');
  expect((await scram('ledger', 'export', file)).code).toBe(0);
  expect((await scram('ledger', 'verify', file)).code).toBe(0);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('INC-1', 'INC-2'));
  expect((await scram('ledger', 'verify', file)).code).toBe(8);
  expect((await scram('ledger', 'export', file)).code).toBe(3);
});

it('B2: does nothing unasked: without --yes and without a terminal it is a usage error that shows the preview', async () => {
  const before = await readFile(production);
  const asked = await scram('kill', 'enable_new_pricing', '--env', 'production', '--reason', 'INC-1');
  expect(asked.code).toBe(2);
  expect(asked.stdout).toContain('PRODUCTION');
  expect(asked.stderr).toContain('--yes');
  expect(await readFile(production)).toEqual(before);
});

it.each([
  [
    'an unknown flag, with the near name',
    ['kill', 'enable_new_pricin', '--env', 'production', '--reason', 'x', '--yes'],
    1,
    /did you mean enable_new_pricing/,
  ],
  [
    'an unknown environment, with those that exist',
    ['kill', 'enable_new_pricing', '--env', 'prod', '--reason', 'x', '--yes'],
    1,
    /production, staging/,
  ],
  ['a kill without a reason', ['kill', 'enable_new_pricing', '--env', 'production', '--yes'], 2, /--reason is needed/],
  ['a command that is not built yet', ['drill'], 2, /not in this version/],
  ['an unknown option', ['flags', '--evn', 'production'], 2, /evn/],
])('says what is wrong with %s', async (_, args, code, message) => {
  const result = await scram(...args);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(code);
});

it('C1: check lists every problem with line and column and exits 7; other commands refuse to start with 7', async () => {
  await writeFile(
    path.join(folder, 'scram.yaml'),
    CONFIG.replace('kind: flagd', 'kind: flagdd').replace('team:', 'taem:'),
  );
  const checked = await scram('check');
  expect(checked.code).toBe(7);
  expect(checked.stdout).toMatch(/scram\.yaml:2:1/);
  expect(checked.stdout).toMatch(/scram\.yaml:7:\d+/);
  expect((await scram('flags')).code).toBe(7);
});

it('init writes a starter that passes check, and never overwrites', async () => {
  expect((await scram('init', 'starter')).code).toBe(0);
  expect((await scram('check', 'starter')).code).toBe(0);
  const again = await scram('init', 'starter');
  expect(again.code).toBe(3);
  expect(again.stderr).toMatch(/already there/);
});

describe('exit codes of a change (INTERFACES), in words and as JSON', () => {
  const result = (stdout: string) =>
    (JSON.parse(stdout) as { results: { flag: string; exitCode: number; error: string | null }[] }).results;
  const kill = (...more: string[]) =>
    scram('kill', 'enable_new_pricing', '--env', 'production', '--reason', 'INC-1', '--yes', ...more);

  it('3: policy asks for two people and nobody is named; the file is as it was, and nothing has begun (D1, D2)', async () => {
    await writeFile(path.join(folder, 'scram.yaml'), `${CONFIG}policy: { production: { kill: { people: 2 } } }\n`);
    const before = await readFile(production);
    const refused = await kill('--json');
    expect(refused.code).toBe(3);
    expect(result(refused.stdout)).toMatchObject([{ exitCode: 3, error: expect.stringMatching(/two people/) }]);
    expect(await readFile(production)).toEqual(before);
    const shown = (await scram('ledger', 'show')).stdout;
    expect(shown).toMatch(/change\.proposed/);
    expect(shown).not.toMatch(/change\.(intent|result)/);
  });

  it('4: an undo after someone else changed the flag is a conflict, and leaves their work (B7)', async () => {
    expect((await kill()).code).toBe(0);
    const theirs = (await readFile(production, 'utf8')).replace('"defaultVariant": "off"', '"defaultVariant": "on"');
    await writeFile(production, theirs);
    const undo = ['restore', 'enable_new_pricing', '--env', 'production', '--reason', 'fixed', '--yes', '--json'];
    const conflict = await scram(...undo);
    expect(conflict.code).toBe(4);
    expect(JSON.parse(conflict.stdout)).toMatchObject({ error: { code: 'conflict' } });
    expect(conflict.stderr).toMatch(/changed since/);
    expect(await readFile(production, 'utf8')).toBe(theirs);
  });

  it('5: a flag file that is gone is unreachable; stderr has words, and no lines of a log', async () => {
    expect((await scram('flags')).code).toBe(0);
    await rm(production);
    const gone = await kill('--json');
    expect(gone.code).toBe(5);
    expect(result(gone.stdout)).toMatchObject([{ exitCode: 5, error: expect.stringMatching(/not there/) }]);
    expect(gone.stderr).not.toContain('{"');
    expect(gone.stderr).toMatch(/next: Put the file back/);
  });

  it('3: what is killed already is refused, saying so (E7)', async () => {
    expect((await kill()).code).toBe(0);
    const again = await kill('--json');
    expect(again.code).toBe(3);
    expect(result(again.stdout)).toMatchObject([{ error: expect.stringMatching(/already killed/) }]);
  });
});
