import { rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ComposeOptions, compose } from '../../../electron/compose.ts';
import type { Backend } from '../../../electron/rpc/backend.ts';
import { createDispatcher } from '../../../electron/rpc/dispatcher.ts';
import { handlers } from '../../../electron/rpc/handlers/index.ts';
import { createLog } from '../../../electron/platform/log.ts';
import { type FaultServer, json, matrix, startFaultServer } from '../../support/fault-server.ts';
import { waitFor } from '../../support/processes.ts';
import { openPeer } from '../../support/rpc-peer.ts';
import { tempFolder } from '../../support/temp.ts';

const RELOADS = 50;
const held = vi.hoisted(() => ({ watchers: new Set<object>(), ledgerListeners: 0, timers: new Set<unknown>() }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const watch = (...args: Parameters<typeof real.watch>) => {
    const watcher = real.watch(...args);
    held.watchers.add(watcher);
    watcher.once('close', () => held.watchers.delete(watcher));
    return watcher;
  };
  return { ...real, watch };
});

vi.mock('../../../electron/services/ledger/ledger.ts', async (original) => {
  const real = await original<typeof import('../../../electron/services/ledger/ledger.ts')>();
  return {
    ...real,
    createLedger(options: Parameters<typeof real.createLedger>[0]) {
      const ledger = real.createLedger(options);
      const onAppend: typeof ledger.onAppend = (listener) => {
        held.ledgerListeners += 1;
        const own = ledger.onAppend(listener);
        return {
          dispose() {
            held.ledgerListeners -= 1;
            own.dispose();
          },
        };
      };
      return { ...ledger, onAppend };
    },
  };
});

/** Timers that the console has running, as the machine's clock asks for them. */
vi.mock('../../../electron/platform/clock.ts', async (original) => {
  const real = await original<typeof import('../../../electron/platform/clock.ts')>();
  return {
    ...real,
    systemClock(log: Parameters<typeof real.systemClock>[0]) {
      const clock = real.systemClock(log);
      const hold = (start: (done: () => void) => { dispose(): void }) => {
        const mark = {};
        held.timers.add(mark);
        const own = start(() => held.timers.delete(mark));
        return {
          dispose() {
            held.timers.delete(mark);
            own.dispose();
          },
        };
      };
      const counted: typeof clock = {
        ...clock,
        after: (ms, run) =>
          hold((done) =>
            clock.after(ms, () => {
              done();
              return run();
            }),
          ),
        every: (ms, run) => hold(() => clock.every(ms, run)),
      };
      return counted;
    },
  };
});

const folder = tempFolder('reload-leaks');
let server: FaultServer;
let backend: Backend;
let ended = false;
const log: string[] = [];

const text = (team: string) => `version: 1
team: ${team}
environments: { production: {}, staging: {} }
connections:
  - { id: prom, kind: prometheus, url: ${server.url}, refresh: 1s }
  - id: local
    kind: flagd
    files: { production: ./production.json, staging: ./staging.yaml }
    observers: [ { kind: metric, connection: prom, query: 'used{flag="$flag"}' } ]
services:
  - id: checkout
    flags: [ { connection: local, key: a } ]
    slis: [ { id: p99, name: p99, connection: prom, query: up, unit: s, objective: { below: 0.6 } } ]
`;

beforeAll(async () => {
  server = await startFaultServer((request, response, socket) => {
    const at = Number(request.form.get('end') ?? request.form.get('time'));
    json(200, matrix([[at, '0.9']]))(request, response, socket);
  });
  const flag = '{"flags":{"a":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}';
  await writeFile(folder.at('production.json'), flag);
  await writeFile(folder.at('staging.yaml'), flag);
  await writeFile(folder.at('scram.yaml'), text('team-0'));
  const options: ComposeOptions = {
    host: 'web',
    dataDir: folder.at('data'),
    configPath: folder.at('scram.yaml'),
    log: createLog({ write: (line) => void log.push(line), level: 'warn' }),
  };
  backend = await compose(options);
});
afterAll(async () => {
  if (!ended) await backend.dispose();
  await server.stop();
  folder.remove();
});

const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length;
const count = () => ({
  watchers: held.watchers.size,
  ledgerListeners: held.ledgerListeners,
  timers: held.timers.size,
  sockets: sockets(),
});

it(`C1: ${RELOADS} reloads leave no watcher, listener, timer or socket behind, and the page keeps its streams`, async () => {
  await backend.services().flags.settled();
  const dispatcher = createDispatcher(backend, handlers);
  const peer = openPeer(dispatcher);
  const streams = ['flags.watch', 'slis.watch', 'now.watch', 'changes.recent'];
  peer.send({ type: 'listen', id: 'console', op: 'console.watch', input: {} });
  peer.send({ type: 'listen', id: 'one', op: 'flags.watchOne', input: { connection: 'local', key: 'a' } });
  for (const op of streams) peer.send({ type: 'listen', id: op, op, input: { environment: 'production' } });

  // A kill whose propagation and recovery are being watched lives through every reload.
  await waitFor('samples', () => server.seen.length > 0);
  const { changes } = backend.services();
  const never = new AbortController().signal;
  const preview = await changes.preview(
    { action: 'kill', connection: 'local', flag: 'a', environment: 'production' },
    never,
  );
  const { hash } = changes.propose(preview.hash, 'leak test');
  await changes.execute(hash, never);
  peer.send({ type: 'listen', id: 'change', op: 'changes.watch', input: { hash } });

  const snapshots = (id: string) => peer.frames.filter((frame) => frame.type === 'snapshot' && frame.id === id).length;
  const reload = async (number: number) => {
    const before = snapshots('flags.watch');
    await writeFile(folder.at('next'), text(`team-${number}`));
    await rename(folder.at('next'), folder.at('scram.yaml'));
    await waitFor(`reload ${number}`, () => backend.config().team === `team-${number}`, { everyMs: 10 });
    await waitFor('a fresh snapshot', () => snapshots('flags.watch') > before, { everyMs: 5 });
    await backend.services().flags.settled();
  };
  // The first reloads bring everything to its steady number.
  for (let number = 1; number <= 5; number += 1) await reload(number);
  const first = count();
  for (let number = 6; number <= RELOADS; number += 1) await reload(number);
  // Short timers (a flush, a settle) come and go: what matters is what stays.
  await waitFor(
    `no more is held than before: ${JSON.stringify(first)}`,
    () => {
      const now = count();
      const grown = Object.entries(now).filter(([name, value]) => value > first[name as keyof typeof first] + 1);
      if (grown.length > 0) throw new Error(JSON.stringify(now));
      return true;
    },
    { deadlineMs: 5_000 },
  );
  expect(first).toMatchObject({ watchers: expect.any(Number) });
  expect(first.watchers).toBeGreaterThanOrEqual(3);
  expect(first.ledgerListeners).toBeGreaterThanOrEqual(1);

  // The table of flags never empties on the way.
  const tables = peer.frames.filter((frame) => frame.type === 'snapshot' && frame.id === 'flags.watch');
  expect(tables.map((frame) => ('data' in frame ? (frame.data as { rows: unknown[] }).rows.length : 0))).toEqual(
    tables.map(() => 1),
  );
  // No stream ended or failed, and the change is still told by the service of the last configuration.
  const broken = peer.frames.filter((frame) => frame.type === 'error' || frame.type === 'end');
  expect(broken).toEqual([]);
  for (const id of [...streams, 'console', 'one', 'change']) expect(snapshots(id), id).toBeGreaterThanOrEqual(RELOADS);
  expect(backend.services().changes.progress(hash)?.propagation.acceptedAtMs).toEqual(expect.any(Number));
  expect(log).toEqual([]);

  peer.close();
  await dispatcher.dispose();
});

it('nothing is held after the console ended', async () => {
  ended = true;
  await backend.dispose();
  // A closed watcher says so a moment later.
  await waitFor('the watchers are closed', () => held.watchers.size === 0);
  expect({ ledgerListeners: held.ledgerListeners, timers: held.timers.size }).toEqual({
    ledgerListeners: 0,
    timers: 0,
  });
});
