import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { goffFlags } from '../../../electron/providers/flags/goff/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { goffConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import { contextOf } from '../../support/flag-context.ts';
import { waitFor } from '../../support/processes.ts';
import { goffFixture, never } from './fixture.ts';
import { ADMIN_KEY, type RunningRelay, startRelay } from './relay-fixture.ts';
import { YAML_EDITS, YAML_TEXT } from './samples.ts';

let relay: RunningRelay;
let fixture: Awaited<ReturnType<typeof goffFixture>>;
const opened: FlagProvider[] = [];

beforeEach(async () => {
  relay = await startRelay();
  fixture = await goffFixture('flags.goff.yaml', YAML_TEXT, YAML_EDITS);
});
afterEach(async () => {
  for (const provider of opened.splice(0)) provider.dispose();
  fixture.provider.dispose();
  await fixture.dispose();
  await relay.stop();
});

function open(key = ADMIN_KEY, url = relay.url) {
  const context = contextOf({ secrets: { KEY: key } });
  const config = goffConnectionSchema.parse({
    id: 'flags',
    kind: 'goff',
    files: { production: fixture.file },
    relay: url,
    ...(key === '' ? {} : { credential: 'env:KEY' }),
    timeout: '2s',
  });
  const provider = goffFlags(config, context);
  opened.push(provider);
  return { provider, context };
}

async function kill(provider: FlagProvider): Promise<void> {
  const flag = await provider.readFlag('enable_rollout', 'production', never);
  const { write } = provider.planKill(flag);
  const request = { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
  await provider.apply(request, never);
}

it('B14: the relay is told to read its files again after a kill, with the admin key as bearer token', async () => {
  const { provider, context } = open();
  await kill(provider);
  await waitFor('the refresh', () => relay.refreshes === 1);
  const report = await provider.probe(never);
  expect(report).toMatchObject({ ok: true, canRead: true, canWrite: true });
  expect(report.clockSkewMs).not.toBeNull();
  expect(Math.abs(report.clockSkewMs ?? 9e9)).toBeLessThan(2000);
  expect(report.fields).toMatchObject([
    { name: 'relay', source: '/health', value: 'ready', problem: null },
    { name: 'last refresh', source: '/info', problem: null },
  ]);
  expect(context.logged).toEqual([]);
});

it.each([
  ['refuses the key', 'wrong-key-77', /the credential was not accepted \(401\)/],
  ['got no key', '', /missing key/],
] as const)('a relay that %s does not fail the write: it is logged, and the probe says it', async (_, key, words) => {
  const { provider, context } = open(key);
  await kill(provider);
  expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(true);
  await waitFor('the log line', () => context.logged.length === 1);
  expect(context.logged[0]).toMatch(words);
  const report = await provider.probe(never);
  expect(report.ok).toBe(true);
  expect(report.detail).toMatch(/the refresh after the last change failed/);
  if (key !== '') expect(inspect([report, context.logged])).not.toContain(key);
  expect(relay.refreshes).toBe(0);
});

it('a relay that is down, that answers a login page, or did not refresh: the kill is done all the same', async () => {
  const { provider, context } = open();
  relay.failWith = { status: 200, body: '<!doctype html><title>Log in</title>' };
  await kill(provider);
  await waitFor('the log line', () => context.logged.length === 1);
  expect(context.logged[0]).toMatch(/login page/);
  relay.failWith = null;
  relay.refreshed = false;
  const flag = await provider.readFlag('enable_plain', 'production', never);
  const { write } = provider.planKill(flag);
  const request = { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
  await provider.apply(request, never);
  await waitFor('the log line', () => context.logged.length === 2);
  expect(context.logged[1]).toMatch(/did not read its flag files again/);
  await relay.stop();
  const report = await provider.probe(never);
  expect(report).toMatchObject({ ok: true, canWrite: true });
  expect(report.detail).toMatch(/refused.*it reads the files when it polls next/);
  expect(await readFile(fixture.file, 'utf8')).toContain('defaultRule: {"variation":"off"}');
});
