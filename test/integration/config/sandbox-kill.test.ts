import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import { createFlagdProvider } from '../../../electron/providers/flags/flagd/index.ts';
import { createSandbox } from '../../../electron/sandbox/index.ts';
import { tempFolder } from '../../support/temp.ts';

const KEY = 'enable_new_pricing';
const signal = new AbortController().signal;
const P99 = 'p99{service="checkout",environment="production"}';

it('G1: a kill through the flagd provider heals the practice world within 10 s, and the undo breaks it again', async () => {
  using folder = tempFolder('practice');
  const clock = systemClock({ info() {}, warn() {}, error() {} });
  const sandbox = await createSandbox({ dataDir: folder.path, clock });
  const { config, baseDir } = sandbox.configuration.current();
  const connection = config.connections[0];
  if (connection?.kind !== 'flagd') throw new Error('no flagd connection');
  const files = Object.fromEntries(Object.entries(connection.files).map(([name, file]) => [name, join(baseDir, file)]));
  const provider = createFlagdProvider({
    id: connection.id,
    files,
    hintsOf: (key) => {
      const facts = config.flags.find((flag) => flag.key === key);
      return { polarity: facts?.polarity ?? 'enables', safeDefault: facts?.safeDefault ?? null };
    },
    clock,
    watchFile,
    writeFile: writeFileAtomic,
  });
  const p99 = async () => {
    const answer = await sandbox.source.instant(P99, clock.now(), signal);
    return answer.series[0]?.samples[0]?.value ?? Number.NaN;
  };
  try {
    const read = await provider.readEnvironment('production', signal);
    expect(read.flags).toHaveLength(12);
    expect(read.flags.filter((flag) => flag.safeDefault === null).map((flag) => flag.key)).toEqual([
      'ops_search_timeout_ms',
    ]);
    const before = await provider.readFlag(KEY, 'production', signal);
    expect(before.state).toMatchObject({ exposure: 'some', percentage: 20 });
    const original = readFileSync(files.production ?? '', 'utf8');
    expect(await p99()).toBeGreaterThan(0.6);

    const kill = provider.planKill(before);
    const revision = before.state.revision;
    await provider.apply(
      { key: KEY, environment: 'production', expectRevision: revision, write: kill.write, comment: '' },
      signal,
    );
    const observed = async () => {
      const rows = await sandbox.observer.observe([KEY], 'production', signal);
      return new Set(rows.map((row) => row.variant));
    };
    await vi.waitFor(async () => expect(await observed()).toEqual(new Set(['off'])), { timeout: 4_000, interval: 50 });
    await vi.waitFor(async () => expect(await p99()).toBeLessThan(0.3), { timeout: 10_000, interval: 100 });

    const killed = await provider.readFlag(KEY, 'production', signal);
    const undo = provider.planRestore(killed, { definition: before.definition, state: before.state });
    await provider.apply(
      { key: KEY, environment: 'production', expectRevision: killed.state.revision, write: undo.write, comment: '' },
      signal,
    );
    expect(readFileSync(files.production ?? '', 'utf8')).toBe(original);
    await vi.waitFor(async () => expect(await p99()).toBeGreaterThan(0.6), { timeout: 10_000, interval: 100 });
  } finally {
    provider.dispose();
    await sandbox.dispose();
  }
}, 30_000);
