import { expect, it } from 'vitest';
import type { Foreign } from '../../../electron/services/flags/audit.ts';
import { eventOf } from '../../../electron/services/flags/audit.ts';
import type { AuditEvent } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { type ManyOptions, many } from './many.ts';
import { flagAt, START } from './world.ts';

const FIRST = 'enable_feature_00000';
const REF = { connection: 'c0', key: FIRST };

function event(over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: '1',
    atMs: START,
    key: FIRST,
    environment: 'production',
    by: 'ana@shop.example',
    summary: 'on',
    ...over,
  };
}

async function audited(options: ManyOptions = {}) {
  const world = many({
    environments: ['production'],
    ...options,
    prepare: (provider) => {
      provider.can = { audit: true };
    },
  });
  const service = world.start();
  await world.clock.advance(0);
  const [provider] = world.providers as [(typeof world.providers)[0]];
  const told: Marker[] = [];
  service.onMarker((marker) => told.push(marker));
  const audits = () => provider.calls.filter((call) => call.startsWith('audit'));
  return { ...world, service, provider, told, audits };
}

it('D6: a change that was seen gets its author and its exact time from the provider; the entry before stays', async () => {
  const { service, provider, clock, told, audits, ledger } = await audited();
  await clock.advance(3_000);
  provider.set('production', flagAt(FIRST, 75));
  provider.events.push(
    event({ atMs: START + 3_250 }),
    event({ id: '2', atMs: START + 3_300, key: 'other', by: 'ben' }),
  );
  await clock.advance(7_500);
  expect(service.markers({ flag: REF })).toMatchObject([{ approximate: true, by: null, atMs: START + 10_000 }]);
  await clock.advance(1_000);
  const [marker] = service.markers({ flag: REF });
  expect(marker).toMatchObject({ approximate: false, by: 'ana@shop.example', atMs: START + 3_250, ours: false });
  expect(service.flag(REF)?.environments[0]).toMatchObject({
    changedAtMs: START + 3_250,
    changedBy: 'ana@shop.example',
    percentage: 75,
  });
  expect(told.map(({ id, by }) => [id, by])).toEqual([
    [marker?.id, null],
    [marker?.id, 'ana@shop.example'],
  ]);
  const entries = [...ledger.all()].filter(({ body }) => body.data.kind === 'flag.seen-changed');
  expect(entries).toHaveLength(2);
  // A quiet feed is not read: nothing is open any more.
  const asked = audits().length;
  await clock.advance(120_000);
  expect(audits()).toHaveLength(asked);
  expect(service.markers({ flag: REF })).toEqual([marker]);
  service.dispose();
});

it('D6: a feed that is late is asked again, ever slower, and given up after ten minutes', async () => {
  const { service, provider, clock, audits } = await audited();
  provider.set('production', flagAt(FIRST, 75));
  await clock.advance(30_000);
  expect(audits().length).toBeGreaterThan(1);
  provider.events.push(event({ atMs: START + 500 }));
  await clock.advance(61_000);
  expect(service.markers({ flag: REF })).toMatchObject([{ by: 'ana@shop.example' }]);
  provider.events.length = 0;
  provider.set('production', flagAt(FIRST, 50));
  await clock.advance(15 * 60_000);
  const asked = audits().length;
  expect(asked).toBeLessThan(25);
  await clock.advance(5 * 60_000);
  expect(audits()).toHaveLength(asked);
  service.dispose();
});

it('D6: a feed that cannot be read says so in the log alone, and waits as long as it was asked to', async () => {
  const { service, provider, clock, audits } = await audited();
  provider.auditError = new ScramError('rate-limited', 'slow down', { retryAfterMs: 100_000 });
  provider.set('production', flagAt(FIRST, 75));
  await clock.advance(12_000);
  expect(audits()).toHaveLength(1);
  await clock.advance(90_000);
  expect(audits()).toHaveLength(1);
  expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
  provider.auditError = null;
  provider.events.push(event({ atMs: START + 500 }));
  await clock.advance(20_000);
  expect(service.markers({ flag: REF })).toMatchObject([{ by: 'ana@shop.example' }]);
  service.dispose();
});

it('D6: our own change keeps this console as its author, whatever name the provider knows it by', async () => {
  const { service, provider, clock, ledger } = await audited();
  provider.set('production', { ...flagAt(FIRST, 60), changedAtMs: START + 1_000, changedBy: 'ana' });
  await clock.advance(10_500);
  provider.set('production', { ...flagAt(FIRST, 0), changedAtMs: clock.nowMs + 20, changedBy: 'token scram' });
  provider.events.push(event({ atMs: clock.nowMs, by: 'token scram' }));
  const atMs = clock.nowMs;
  await service.noteOurChange(REF, 'production', atMs);
  await clock.advance(60_000);
  expect(service.markers({ flag: REF }).at(-1)).toMatchObject({ ours: true, by: ledger.device, atMs });
  expect(service.flag(REF)?.environments[0]).toMatchObject({ changedBy: ledger.device });
  service.dispose();
});

it('D6: the event of a change is the last one of its flag and environment between two reads', () => {
  const marker = { subject: FIRST, environment: 'production', atMs: START + 10_000 } as Marker;
  const foreign: Foreign = { marker, revision: '', sinceMs: START };
  expect(eventOf(foreign, [])).toBeNull();
  expect(eventOf(foreign, [event({ atMs: START + 100 }), event({ id: '2', atMs: START + 200 })])?.id).toBe('2');
  expect(eventOf(foreign, [event({ environment: null, atMs: START + 100 })])).not.toBeNull();
  expect(eventOf(foreign, [event({ environment: 'staging', atMs: START + 100 })])).toBeNull();
  expect(eventOf(foreign, [event({ key: 'other', atMs: START + 100 })])).toBeNull();
  // The provider's clock may be off by some seconds, not by minutes.
  expect(eventOf(foreign, [event({ atMs: START - 9_000 })])).not.toBeNull();
  expect(eventOf(foreign, [event({ atMs: START - 60_000 })])).toBeNull();
  expect(eventOf(foreign, [event({ atMs: START + 60_000 })])).toBeNull();
});
