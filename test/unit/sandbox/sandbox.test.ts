import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../../electron/sandbox/index.ts';
import { flagFileText, RAISED_BEFORE_MS, SERVICE_FLAGS } from '../../../electron/sandbox/scenario.ts';
import type { Clock } from '../../../electron/services/ports.ts';
import { tempFolder } from '../../support/temp.ts';

const START = Date.UTC(2026, 0, 5, 9);
const P99 = 'p99{service="checkout",environment="production"}';
const none = { dispose() {} };
const signal = new AbortController().signal;

let folder: ReturnType<typeof tempFolder>;
let now: number;
let sandbox: Sandbox | null;
const watched = new Map<string, () => void>();
const texts: string[] = [];

async function open(): Promise<Sandbox> {
  await sandbox?.dispose();
  const clock: Clock = { now: () => now, after: () => none, every: () => none };
  const watchFile = (path: string, onChange: () => void) => {
    watched.set(path, onChange);
    return none;
  };
  const readText = async (path: string) => {
    const text = readFileSync(path, 'utf8');
    texts.push(text);
    return text;
  };
  sandbox = await createSandbox({ dataDir: folder.path, clock, seed: 3, watchFile, readText });
  return sandbox;
}

const file = () => folder.at('sandbox', 'production.flagd.json');

async function p99(from: Sandbox, startMs: number, endMs: number): Promise<number[]> {
  const answer = await from.source.range(P99, startMs, endMs, 1_000, signal);
  return answer.series.flatMap((series) => series.samples.map((sample) => sample.value));
}

/** Writes the flag file as another program would, and waits until the world has seen it. */
async function write(from: Sandbox, text: string): Promise<void> {
  writeFileSync(file(), text);
  watched.get(file())?.();
  const look = async () => from.observer.observe(['enable_new_pricing'], 'production', signal);
  const before = JSON.stringify((await look()).map((row) => row.variant));
  const seenAtMs = now;
  const deadline = Date.now() + 3_000;
  for (;;) {
    now = seenAtMs + 2_000;
    const after = JSON.stringify((await look()).map((row) => row.variant));
    now = seenAtMs;
    if (after !== before) return;
    if (Date.now() > deadline) throw new Error('the world did not take the file up');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => {
  folder = tempFolder('sandbox');
  now = START;
  sandbox = null;
});
afterEach(async () => {
  await sandbox?.dispose();
  watched.clear();
  texts.length = 0;
  folder.remove();
});

it('G1: the first start shows a breach, its marker, a right configuration and real flag files', async () => {
  const { configuration, source, history } = await open();
  const { config, state, baseDir } = configuration.current();
  expect(state).toMatchObject({ mode: 'sandbox', path: null, problems: [] });
  expect(baseDir).toBe(folder.at('sandbox'));
  expect(history).toMatchObject([
    { atMs: START - RAISED_BEFORE_MS, subject: 'enable_new_pricing', fromPercentage: 0, toPercentage: 20 },
  ]);
  expect(readFileSync(file(), 'utf8')).toBe(flagFileText('production', 20));
  const flags = Object.keys(JSON.parse(readFileSync(file(), 'utf8')).flags);
  expect(flags.toSorted()).toEqual(Object.values(SERVICE_FLAGS).flat().toSorted());
  expect(flags).toHaveLength(12);

  // Every SLI and cohort of the configuration is a query that the source answers, in every environment.
  for (const service of config.services) {
    for (const sli of service.slis) {
      for (const environment of Object.keys(config.environments)) {
        const query = sli.query.replaceAll('$environment', environment);
        expect((await source.instant(query, now, signal)).series, query).toHaveLength(1);
      }
      for (const cohort of sli.cohort ? [sli.cohort.on, sli.cohort.off] : []) {
        const query = sli.cohort?.query.replaceAll('$environment', 'production').replaceAll('$cohort', cohort) ?? '';
        expect((await source.instant(query, now, signal)).series, query).toHaveLength(1);
      }
    }
  }
  const values = await p99(await open(), now - 3_600_000, now);
  expect(values).toHaveLength(3_601);
  expect(values.at(-1)).toBeGreaterThan(0.6);
});

it('every flag of the world can be observed, and an unknown one has no instances', async () => {
  const { observer } = await open();
  for (const key of Object.values(SERVICE_FLAGS).flat()) {
    for (const [environment, count] of [
      ['production', 9],
      ['staging', 3],
    ] as const) {
      const rows = await observer.observe([key], environment, signal);
      expect(new Set(rows.map((row) => row.instance)).size).toBe(count);
    }
  }
  expect(await observer.observe(['nope'], 'production', signal)).toEqual([]);
});

it('a kill in the file heals the world, a broken file changes nothing, an undo breaks it again', async () => {
  const world = await open();
  await write(world, flagFileText('production', 0));
  now += 10_000;
  expect((await p99(world, now, now))[0]).toBeLessThan(0.3);

  for (const broken of ['{ "flags": ', '', '{ "flags": 5 }']) {
    writeFileSync(file(), broken);
    watched.get(file())?.();
    await vi.waitFor(() => expect(texts.at(-1)).toBe(broken));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await p99(world, now, now))[0]).toBeLessThan(0.3);
    const rows = await world.observer.observe(['enable_new_pricing'], 'production', signal);
    expect(new Set(rows.map((row) => row.variant))).toEqual(new Set(['off']));
  }
  await write(world, flagFileText('production', 20));
  now += 10_000;
  expect((await p99(world, now, now))[0]).toBeGreaterThan(0.6);
});

it('after a restart the last hour is as it was, and what was done stays done', async () => {
  const first = await open();
  await write(first, flagFileText('production', 0));
  now += 60_000;
  const before = await p99(first, now - 600_000, now);
  const again = await open();
  expect(await p99(again, now - 600_000, now)).toEqual(before);
  expect(readFileSync(file(), 'utf8')).toBe(flagFileText('production', 0));
  expect(again.history[0]?.atMs).toBe(START - RAISED_BEFORE_MS);
});

it('takes up a file that was edited while it was closed, and brings back one that was removed', async () => {
  await open();
  await sandbox?.dispose();
  writeFileSync(file(), flagFileText('production', 0));
  rmSync(folder.at('sandbox', 'staging.flagd.json'));
  now += 60_000;
  const again = await open();
  now += 10_000;
  expect((await p99(again, now, now))[0]).toBeLessThan(0.3);
  expect(readFileSync(folder.at('sandbox', 'staging.flagd.json'), 'utf8')).toBe(flagFileText('staging', 100));
});

it.each(['{', '{"version":1}', ''])('starts anew when its history reads %j', async (text) => {
  await open();
  await sandbox?.dispose();
  writeFileSync(folder.at('sandbox', 'history.json'), text);
  now += 30_000;
  expect((await open()).history[0]?.atMs).toBe(now - RAISED_BEFORE_MS);
});

it('starts anew after it was left alone for more than an hour, with the breach on show', async () => {
  await write(await open(), flagFileText('production', 0));
  now += 2 * 3_600_000;
  const again = await open();
  expect(readFileSync(file(), 'utf8')).toBe(flagFileText('production', 20));
  expect((await p99(again, now, now))[0]).toBeGreaterThan(0.6);
  expect((await p99(again, now - 600_000, now - 600_000))[0]).toBeLessThan(0.3);
});
