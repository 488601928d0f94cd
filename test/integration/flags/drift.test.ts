import { readFile, writeFile } from 'node:fs/promises';
import { consoleOfNobody } from '../../support/console-people.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServices, type OwnedServices } from '../../../electron/compose/services.ts';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createIds } from '../../../electron/platform/ids.ts';
import { createLog } from '../../../electron/platform/log.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Clock } from '../../../electron/services/ports.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { type FaultServer, startFaultServer } from '../../support/fault-server.ts';
import { memoryStore, newSigner } from '../../support/ledger.ts';
import { waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const KEY = 'enable_new_pricing';
const REF = { connection: 'local', flag: KEY, environment: 'production' } as const;
const never = new AbortController().signal;
/** The console's minute is this many times shorter: its looks are ten seconds apart. */
const SPEED = 10;

const FILE = (variant: string): string => `{
  "flags": {
    "${KEY}": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "${variant}" },
    "enable_other": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
`;

/** What each instance uses, as its metric tells. */
const uses: Record<string, Record<string, string>> = {};
let prometheus: FaultServer;
let broken = false;
let folder: TempFolder;
let services: OwnedServices;
let alive: NodeJS.Timeout;

function fastClock(): Clock {
  const startMs = Date.now();
  const clock = systemClock(createLog({ write: () => {}, level: 'error' }));
  return {
    now: () => startMs + Math.round((Date.now() - startMs) * SPEED),
    after: (delayMs, run) => clock.after(delayMs / SPEED, run),
    every: (periodMs, run) => clock.every(periodMs / SPEED, run),
  };
}

/** Prometheus' instant query by POST, with the one query that the configuration names. */
async function startMetrics(): Promise<FaultServer> {
  return startFaultServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (broken) return send(503, { status: 'error', errorType: 'unavailable', error: 'the store is starting' });
    if (request.path !== '/api/v1/query') return send(404, { status: 'error', errorType: 'not_found', error: 'no' });
    if (request.method !== 'POST') return send(405, { status: 'error', errorType: 'bad_data', error: 'POST it' });
    const flag = /^flag_uses\{flag="([^"]+)",environment="production"\}$/.exec(request.form.get('query') ?? '')?.[1];
    const time = Number(request.form.get('time'));
    if (flag === undefined || !Number.isFinite(time)) {
      return send(400, { status: 'error', errorType: 'bad_data', error: 'parse error' });
    }
    const result = Object.entries(uses[flag] ?? {}).map(([place, variant]) => {
      const [region, instance] = place.split('/');
      return { metric: { __name__: 'flag_uses', region, instance, variant }, value: [time, '1'] };
    });
    return send(200, { status: 'success', data: { resultType: 'vector', result } });
  });
}

beforeEach(async () => {
  broken = false;
  for (const key of [KEY, 'enable_other']) uses[key] = { 'eu/1': 'on', 'us/1': 'on', 'us/2': 'on' };
  alive = setInterval(() => {}, 60_000);
  prometheus = await startMetrics();
  folder = tempFolder('drift');
  await writeFile(folder.at('flags.json'), FILE('on'));
});

afterEach(async () => {
  services?.dispose();
  clearInterval(alive);
  await prometheus.stop();
  folder.remove();
});
async function start() {
  const clock = fastClock();
  const ledger = createLedger({ store: memoryStore(), signer: newSigner(), clock, product: 'scram 0.0.0-test' });
  const config = configSchema.parse({
    version: 1,
    team: 'shop',
    environments: { production: { tone: 'production', propagationObjective: '20s' } },
    connections: [
      { id: 'prom', kind: 'prometheus', url: prometheus.url, refresh: '60s' },
      {
        id: 'local',
        kind: 'flagd',
        files: { production: './flags.json' },
        observers: [
          { kind: 'metric', connection: 'prom', query: 'flag_uses{flag="$flag",environment="$environment"}' },
        ],
      },
    ],
    services: [{ id: 'checkout', flags: [{ connection: 'local', key: KEY }] }],
  });
  const kept = new Map<string, { value: string; atMs: number }>();
  services = createServices(
    {
      config,
      baseDir: folder.path,
      workDir: folder.at('work'),
      env: {},
      secret: () => '',
      clock,
      log: createLog({ write: () => {}, level: 'error' }),
      sandbox: null,
    },
    {
      ledger,
      cache: {
        get: (key) => kept.get(key) ?? null,
        put: (key, value, atMs) => void kept.set(key, { value, atMs }),
        delete: (key) => void kept.delete(key),
      },
      ids: createIds(() => clock.now()),
      ...(await consoleOfNobody(ledger, clock, folder.path)),
    },
    0,
  );
  const kinds = () => [...ledger.all()].map(({ body }) => body.data.kind).filter((kind) => kind.startsWith('drift.'));
  const list = () => services.drift.drifts('production');
  const until = (what: string, condition: () => boolean) =>
    waitFor(what, async () => condition(), { deadlineMs: 20_000 });
  return { clock, ledger, kinds, list, until };
}

it('B5, B6, B14: a real flag file and a metric: a kill that one region misses, a file turned back by hand, a metric store that fails', async () => {
  const { kinds, list, until, ledger } = await start();
  await services.flags.settled();
  const observed = () => services.drift.observers('production')[0];
  await until('the first look', () => (observed()?.lastSeenAtMs ?? null) !== null);
  expect(observed()).toMatchObject({ connection: 'local', observer: 'metric:prom', problem: null });
  expect(list()).toEqual([]);

  // One region keeps the feature: in its grace it is propagating, then it drifts from the kill.
  const preview = await services.changes.preview(
    { action: 'kill', connection: 'local', flag: KEY, environment: 'production' },
    never,
  );
  const { hash } = services.changes.propose(preview.hash, 'p99 tripled');
  await services.changes.execute(hash, never);
  uses[KEY] = { 'eu/1': 'off', 'us/1': 'on', 'us/2': 'off' };
  await until('the late instance is listed', () => list().length === 1);
  expect(list()[0]).toMatchObject({
    ...REF,
    intended: { source: 'change', change: hash, variant: 'off', percentage: 0 },
    actual: { variant: 'off' },
    providerDiffers: false,
    disagreeing: 1,
  });
  expect(list()[0]?.places[0]).toMatchObject({ region: 'us', instance: '1', variant: 'on', agrees: false });
  const acceptedAtMs = services.changes.progress(hash)?.propagation.acceptedAtMs ?? 0;
  expect(list()[0]?.sinceMs).toBeGreaterThanOrEqual(acceptedAtMs);
  await until('the alarm', () => list()[0]?.overdue === true);

  // Nobody can look: what was seen is not over.
  broken = true;
  await until('the problem of the observer', () => (observed()?.problem ?? '').includes('starting'));
  uses[KEY] = { 'eu/1': 'off', 'us/1': 'off', 'us/2': 'off' };
  expect(kinds()).toEqual(['drift.began']);
  broken = false;
  await until('the region has caught up', () => list().length === 0 && kinds().length === 2);
  expect(kinds()).toEqual(['drift.began', 'drift.ended']);

  // Somebody turns it on again in the file; services follow the file.
  await writeFile(folder.at('flags.json'), FILE('on'));
  uses[KEY] = { 'eu/1': 'on', 'us/1': 'on', 'us/2': 'on' };
  await until('the provider differs', () => list()[0]?.providerDiffers === true);
  expect(list()[0]).toMatchObject({
    intended: { change: hash, variant: 'off' },
    actual: { variant: 'on', percentage: 100 },
  });
  await until('services too', () => list()[0]?.disagreeing === 3);

  // Killed again.
  const again = await services.changes.preview(
    { action: 'kill', connection: 'local', flag: KEY, environment: 'production' },
    never,
  );
  await services.changes.execute(services.changes.propose(again.hash, 'back again').hash, never);
  uses[KEY] = { 'eu/1': 'off', 'us/1': 'off', 'us/2': 'off' };
  await until('all is as meant', () => list().length === 0 && kinds().length === 4);
  expect(kinds()).toEqual(['drift.began', 'drift.ended', 'drift.began', 'drift.ended']);
  expect(await readFile(folder.at('flags.json'), 'utf8')).toContain(`"${KEY}": { "state": "ENABLED"`);
  // The other flag is listed by no service: one request a flag is not spent on it.
  expect(prometheus.seen.some(({ form }) => form.get('query')?.includes('enable_other'))).toBe(false);
  expect(ledger.verify().verified).toBe('verified');
}, 90_000);
