import { statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFlagService } from '../../../electron/services/flags/flag-service.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { clock, never, providerOf, temporaryFolder } from './fixture.ts';
import { JSON_TEXT } from './samples.ts';

const REF = { connection: 'local', key: 'enable_rollout' };

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not within its time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('A3, E1, B7: a real file under the service: changes elsewhere, faults, our kill, a warm start without reading', async () => {
  const { folder, remove } = await temporaryFolder();
  const file = join(folder, 'deep', 'flags.json');
  await mkdir(join(folder, 'deep'));
  await writeFile(file, JSON_TEXT);
  const memory = new Map<string, string>();
  const { ledger } = memoryLedger(1);
  let reads = 0;
  const start = () => {
    const real = providerOf(file);
    const readEnvironment: FlagProvider['readEnvironment'] = (environment, signal) => {
      reads += 1;
      return real.readEnvironment(environment, signal);
    };
    return createFlagService({
      connections: [
        { id: 'local', provider: { ...real, readEnvironment }, observers: [], refreshMs: null, staleAfterMs: 30_000 },
      ],
      config: configSchema.parse({ version: 1, team: 't', environments: { production: {} } }),
      ledger,
      cache: {
        get: (key) => (memory.has(key) ? { text: memory.get(key) ?? '', atMs: 0 } : null),
        put: (key, text) => void memory.set(key, text),
      },
      clock,
      log: { info() {}, warn() {}, error() {} },
    });
  };
  const percentage = (service: ReturnType<typeof start>) => service.flag(REF)?.environments[0]?.percentage;
  const state = (service: ReturnType<typeof start>) => service.statuses()[0]?.state;

  let service = start();
  await service.settled();
  expect(percentage(service)).toBe(20);

  const changed = JSON_TEXT.replace('["on", 20], ["off", 80]', '["on", 60], ["off", 40]');
  await writeFile(file, changed);
  await until(() => percentage(service) === 60);
  expect(service.markers({ flag: REF })).toMatchObject([
    { fromPercentage: 20, toPercentage: 60, approximate: false, ours: false },
  ]);

  await writeFile(file, '{ "flags": ');
  await until(() => state(service) === 'error');
  expect(service.statuses()[0]?.problem).toMatch(/flags\.json:1:\d+: invalid JSON/);
  expect(percentage(service)).toBe(60);
  await writeFile(file, changed);
  await until(() => state(service) === 'ready');
  expect(service.markers({ flag: REF })).toHaveLength(1);

  const { provider } = service.connection('local');
  const before = await service.readNow(REF, 'production', never);
  const atMs = Date.now();
  const { write, after } = provider.planKill(before);
  await provider.apply(
    { key: REF.key, environment: 'production', expectRevision: before.state.revision, write, comment: '' },
    never,
  );
  await service.noteOurChange(REF, 'production', atMs);
  expect(service.flag(REF)?.environments[0]).toMatchObject({ ...after, changedBy: ledger.device });
  expect(service.markers({ flag: REF }).at(-1)).toMatchObject({ fromPercentage: 60, toPercentage: 0, ours: true });

  const seen = reads;
  await until(() => reads > seen);
  // Time stamps younger than a tenth of a second are not trusted, so the last mark may be missing until the next look.
  await until(() => Date.now() - statSync(file).ctimeMs > 120);
  await service.retry('local');
  service.dispose();
  reads = 0;
  service = start();
  expect(service.rows('production')).toHaveLength(4);
  expect(service.statuses()[0]).toMatchObject({ state: 'stale', fromCache: true });
  await service.settled();
  expect(service.statuses()[0]).toMatchObject({ state: 'ready', fromCache: false });
  expect(reads).toBe(0);
  expect(service.markers({ flag: REF })).toHaveLength(2);
  service.dispose();
  expect(await readFile(file, 'utf8')).not.toContain('fractional');
  await remove();
});
