import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { JSON_FILE } from './flag-files.ts';
import { NEVER, openPipeline } from './pipeline.ts';

let folder: TempFolder;
let file: string;
beforeEach(() => {
  folder = tempFolder('policy-hold');
  file = folder.at('flags.json');
  writeFileSync(file, JSON_FILE);
});
afterEach(() => folder.remove());

const open = (policy: object) =>
  openPipeline({ folder: folder.at('data'), files: { production: file }, config: { policy: { production: policy } } });

/** A time of day in UTC, so many hours from now. */
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);

it('D2: outside its time window a restore is refused, with what, until when and what to do; a kill is not', async () => {
  const pipeline = await open({ restore: { windows: [{ from: inHours(2), to: inHours(3) }] } });
  const { changes } = pipeline;
  const kill = await pipeline.proposeKill();
  await changes.execute(kill.hash, NEVER, null);
  const killed = readFileSync(file, 'utf8');

  const undo = await pipeline.proposeUndo(kill.hash);
  await expect(changes.execute(undo.hash, NEVER, null)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(
      /^policy of production gives features to users only every day .* UTC; nothing was done/,
    ),
    action: expect.stringMatching(
      /^try again from \d{4}-\d\d-\d\d \d\d:\d\d UTC on, or change policy\.production in scram\.yaml$/,
    ),
  });
  expect(readFileSync(file, 'utf8')).toBe(killed);
  pipeline.close();

  const later = await open({ restore: { windows: [{ from: inHours(-1), to: inHours(1) }] } });
  const again = await later.proposeUndo(kill.hash);
  await later.changes.execute(again.hash, NEVER, null);
  expect(readFileSync(file, 'utf8')).toBe(JSON_FILE);
  later.close();
});

it('D2: after a restore the flag is not given to more users again before the cool-down is over, kills and restarts apart', async () => {
  const first = await open({ coolDown: '1h' });
  const kill = await first.proposeKill();
  await first.changes.execute(kill.hash, NEVER, null);
  const undo = await first.proposeUndo(kill.hash);
  await first.changes.execute(undo.hash, NEVER, null);
  expect(readFileSync(file, 'utf8')).toBe(JSON_FILE);
  const second = await first.proposeKill();
  await first.changes.execute(second.hash, NEVER, null);
  const other = await first.proposeKill('ops_disable_recs');
  await first.changes.execute(other.hash, NEVER, null);
  const killed = readFileSync(file, 'utf8');
  first.close();

  const restarted = await open({ coolDown: '1h' });
  const held = await restarted.proposeUndo(second.hash);
  await expect(restarted.changes.execute(held.hash, NEVER, null)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('was given to more users a short time ago, and policy of production waits 60 min'),
  });
  expect(readFileSync(file, 'utf8')).toBe(killed);
  // Another flag has its own time.
  const free = await restarted.proposeUndo(other.hash);
  await restarted.changes.execute(free.hash, NEVER, null);
  expect(readFileSync(file, 'utf8')).not.toBe(killed);
  restarted.close();
});
