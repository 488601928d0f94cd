import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import type { ConfigService } from '../../../electron/services/config/api.ts';
import { createConfigService } from '../../../electron/services/config/config-service.ts';
import { tempFolder } from '../../support/temp.ts';

const quiet = { info() {}, warn() {}, error() {} };
const text = (team: string) => `version: 1\nteam: ${team}\nenvironments: { production: {} }\n`;

let folder: ReturnType<typeof tempFolder>;
let service: ConfigService;
let path: string;

beforeEach(() => {
  folder = tempFolder('config');
  path = folder.at('scram.yaml');
  writeFileSync(path, text('one'));
  const readText = (file: string) => readFileSync(file, 'utf8');
  service = createConfigService({ path, readText, watchFile, clock: systemClock(quiet) });
});
afterEach(() => {
  service.dispose();
  folder.remove();
});

async function until(team: string, problems: number): Promise<void> {
  await vi.waitFor(
    () => {
      const { config, state } = service.current();
      expect([config.team, state.problems.length]).toEqual([team, problems]);
    },
    { timeout: 5_000, interval: 10 },
  );
}

it('C1: follows a real file: edited, replaced, broken, emptied, removed, written again', async () => {
  writeFileSync(path, text('two'));
  await until('two', 0);
  writeFileSync(folder.at('new'), text('three'));
  renameSync(folder.at('new'), path);
  await until('three', 0);
  writeFileSync(path, 'version: 1\nteam: broken\nenvironments: { production: { tone: loud } }\n');
  await until('three', 1);
  expect(service.current().state.problems[0]).toMatchObject({ file: path, line: 3, value: 'loud' });
  truncateSync(path);
  await vi.waitFor(() => expect(service.current().state.problems[0]?.message).toBe('the file is empty'), 5_000);
  rmSync(path);
  await vi.waitFor(() => expect(service.current().state.problems[0]?.message).toBe('the file is not there'), 5_000);
  expect(service.current().config.team).toBe('three');
  writeFileSync(path, text('four'));
  await until('four', 0);
});

it('tells of a file that can no longer be read', async () => {
  rmSync(path);
  mkdirSync(path);
  await vi.waitFor(() => expect(service.current().state.problems[0]?.message).toBe('this is a folder'), 5_000);
  expect(service.current().config.team).toBe('one');
});

it('a file that is written in many small pieces is taken up whole, with no problem told in between', async () => {
  const told: number[] = [];
  service.onChange((loaded) => told.push(loaded.state.problems.length));
  const whole = text('pieces');
  for (let end = 0; end <= whole.length; end += 5) {
    writeFileSync(path, whole.slice(0, end));
    await new Promise((resolve) => setImmediate(resolve));
  }
  writeFileSync(path, whole);
  await until('pieces', 0);
  expect(told).toEqual([0]);
});
