import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from '../../../electron/services/config/api.ts';
import {
  ConfigInvalid,
  createConfigService,
  createFixedConfig,
} from '../../../electron/services/config/config-service.ts';
import { parseConfig } from '../../../electron/services/config/parse-config.ts';
import type { Clock } from '../../../electron/services/ports.ts';

const GOOD = 'version: 1\nteam: payments\nenvironments: { production: {} }\n';
const OTHER = GOOD.replace('payments', 'search');
const BROKEN = 'version: 1\nteam: pay';

function setup(first: string | null) {
  let text = first;
  let changed = () => {};
  let now = 1_000;
  let watching = true;
  const timers: { atMs: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const timer = { atMs: now + delayMs, run };
      timers.push(timer);
      return { dispose: () => void timers.splice(0, timers.length, ...timers.filter((other) => other !== timer)) };
    },
    every: () => ({ dispose() {} }),
  };
  const told: { loaded: LoadedConfig; configChanged: boolean }[] = [];
  const create = () => {
    const service = createConfigService({
      path: '/etc/scram/scram.yaml',
      clock,
      readText() {
        if (text === null) throw Object.assign(new Error('no'), { code: 'ENOENT' });
        return text;
      },
      watchFile(_path, onChange) {
        changed = onChange;
        return {
          dispose() {
            watching = false;
          },
        };
      },
    });
    service.onChange((loaded, configChanged) => told.push({ loaded, configChanged }));
    return service;
  };
  return {
    create,
    told,
    isWatching: () => watching,
    write(next: string | null) {
      text = next;
      changed();
    },
    pass(ms: number) {
      now += ms;
      for (const timer of timers.splice(0)) {
        if (timer.atMs <= now) timer.run();
        else timers.push(timer);
      }
    },
  };
}

describe('createConfigService', () => {
  it('gives the configuration with its folder, path and digest', () => {
    const world = setup(GOOD);
    const loaded = world.create().current();
    expect(loaded.baseDir).toBe('/etc/scram');
    expect(loaded.state).toEqual({
      mode: 'configured',
      path: '/etc/scram/scram.yaml',
      team: 'payments',
      loadedAtMs: 1_000,
      problems: [],
    });
  });

  it.each([null, BROKEN])(
    'throws every problem when there is nothing good to start from (%j), and stops watching',
    (text) => {
      const world = setup(text);
      let thrown: unknown;
      try {
        world.create();
      } catch (error) {
        thrown = error;
      }
      if (!(thrown instanceof ConfigInvalid)) throw new Error(`not a ConfigInvalid: ${String(thrown)}`);
      expect(thrown.code).toBe('config-invalid');
      expect(thrown.problems.length).toBeGreaterThan(0);
      for (const problem of thrown.problems) expect(thrown.message).toContain(problem.message);
      expect(world.isWatching()).toBe(false);
    },
  );

  it('C1: loads a change at once', () => {
    const world = setup(GOOD);
    const service = world.create();
    world.pass(5);
    world.write(OTHER);
    expect(service.current().state).toMatchObject({ team: 'search', loadedAtMs: 1_005 });
    expect(world.told.map((event) => event.configChanged)).toEqual([true]);
  });

  it('is silent when the file was touched and says the same', () => {
    const world = setup(GOOD);
    world.create();
    world.write(GOOD);
    world.pass(1_000);
    expect(world.told).toEqual([]);
  });

  it('says nothing of a file that is truncated while being written and then whole', () => {
    const world = setup(GOOD);
    const service = world.create();
    world.write('');
    world.pass(100);
    world.write(BROKEN);
    world.pass(100);
    world.write(OTHER);
    world.pass(1_000);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toMatchObject({ configChanged: true, loaded: { state: { team: 'search', problems: [] } } });
    expect(service.current().config.team).toBe('search');
  });

  it.each([
    [BROKEN, 'environments is missing'],
    ['', 'the file is empty'],
    [null, 'the file is not there'],
  ])('keeps the last good configuration in force and shows the problems of %j', (text, message) => {
    const world = setup(GOOD);
    const service = world.create();
    world.write(text);
    expect(service.current().state.problems).toEqual([]);
    world.pass(300);
    expect(service.current().config.team).toBe('payments');
    expect(service.current().state.problems.map((problem) => problem.message)).toContain(message);
    expect(world.told.map((event) => event.configChanged)).toEqual([false]);

    // The same problems again are no news.
    world.write(text);
    world.pass(300);
    expect(world.told).toHaveLength(1);

    // The old text again: no new configuration, and no problems any more.
    world.write(GOOD);
    expect(service.current().state.problems).toEqual([]);
    expect(world.told.map((event) => event.configChanged)).toEqual([false, false]);
  });

  it('takes up a change that came by the second look, when no event told of it', () => {
    const world = setup(GOOD);
    const service = world.create();
    let calls = 0;
    service.onChange(() => calls++);
    world.write(BROKEN);
    world.write(OTHER);
    world.pass(300);
    expect(service.current().config.team).toBe('search');
    expect(calls).toBe(1);
  });

  it('after dispose it neither watches nor tells', () => {
    const world = setup(GOOD);
    const service = world.create();
    world.write(BROKEN);
    service.dispose();
    world.pass(1_000);
    expect(world.isWatching()).toBe(false);
    expect(world.told).toEqual([]);
  });

  it('a listener that was disposed of is not told', () => {
    const world = setup(GOOD);
    let calls = 0;
    world
      .create()
      .onChange(() => calls++)
      .dispose();
    world.write(OTHER);
    expect(calls).toBe(0);
  });
});

it('createFixedConfig gives the practice configuration and never changes', () => {
  const check = parseConfig(GOOD, 'sandbox');
  if (!check.ok) throw new Error('not valid');
  const fixed = createFixedConfig(check.config, { baseDir: '/d/sandbox', digest: check.digest, loadedAtMs: 7 });
  expect(fixed.current()).toMatchObject({
    baseDir: '/d/sandbox',
    state: { mode: 'sandbox', path: null, team: 'payments', loadedAtMs: 7, problems: [] },
  });
});
