import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import type { Clock, Disposable } from '../../../electron/services/ports.ts';

let folder: string;
let file: string;
const open: Disposable[] = [];

/** Real timers; the poll can be sped up, or stopped so that only events can tell. */
function clockWith(pollMs: number | null): Clock {
  return {
    now: () => Date.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return { dispose: () => clearTimeout(timer) };
    },
    every(_periodMs, run) {
      const timer = pollMs === null ? undefined : setInterval(() => void run(), pollMs);
      return { dispose: () => clearInterval(timer) };
    },
  };
}

function start(pollMs: number | null, path = file): { calls: () => number; watch: Disposable } {
  let calls = 0;
  const watch = watchFile(path, () => calls++, clockWith(pollMs));
  open.push(watch);
  return { calls: () => calls, watch };
}

async function told(calls: () => number, before: number): Promise<void> {
  await vi.waitFor(() => expect(calls()).toBeGreaterThan(before), { timeout: 3_000, interval: 5 });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scram-watch-'));
  file = join(folder, 'flags.json');
  writeFileSync(file, 'one');
});
afterEach(() => {
  for (const watch of open.splice(0)) watch.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('watchFile by events alone', () => {
  it('tells of an edit in place, a rename over it, a truncation, a removal and a return', async () => {
    const { calls } = start(null);
    const steps = [
      () => appendFileSync(file, ' two'),
      () => {
        writeFileSync(`${file}.new`, 'three');
        renameSync(`${file}.new`, file);
      },
      // The new inode is watched as well as the first one.
      () => writeFileSync(file, 'other'),
      () => truncateSync(file),
      () => rmSync(file),
      () => writeFileSync(file, 'four'),
    ];
    for (const step of steps) {
      const before = calls();
      step();
      await told(calls, before);
    }
  });

  it('tells of a config map that moves its ..data link', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'mounted.json'), version);
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync('..data/mounted.json', join(folder, 'mounted.json'));
    const { calls } = start(null, join(folder, 'mounted.json'));
    symlinkSync('v2', join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    await told(calls, 0);
  });

  it('says nothing of other files in the folder, nor after it was disposed of', async () => {
    const { calls, watch } = start(null);
    const witness = start(null, join(folder, 'other.json'));
    writeFileSync(join(folder, 'other.json'), 'x');
    await told(witness.calls, 0);
    expect(calls()).toBe(0);
    watch.dispose();
    writeFileSync(file, 'changed');
    writeFileSync(join(folder, 'other.json'), 'xyz');
    await told(witness.calls, 1);
    expect(calls()).toBe(0);
  });
});

describe('watchFile by polling', () => {
  it('finds a file in a folder that did not exist, and one whose folder was replaced', async () => {
    const path = join(folder, 'later', 'flags.json');
    const { calls } = start(20, path);
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, 'one');
    await told(calls, 0);
    let before = calls();
    rmSync(join(folder, 'later'), { recursive: true });
    await told(calls, before);
    before = calls();
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, 'two');
    await told(calls, before);
  });

  it('watches a folder that was replaced: after one poll, events tell again', async () => {
    let poll: () => void | Promise<void> = () => {};
    let looks = 0;
    const real = clockWith(null);
    const clock: Clock = {
      ...real,
      after: (delayMs, run) =>
        real.after(delayMs, () => {
          looks++;
          run();
        }),
      every(_periodMs, run) {
        poll = run;
        return { dispose() {} };
      },
    };
    let calls = 0;
    const path = join(folder, 'inner', 'flags.json');
    mkdirSync(join(folder, 'inner'));
    open.push(watchFile(path, () => calls++, clock));
    renameSync(join(folder, 'inner'), join(folder, 'old'));
    // The old folder tells of its own move; only what comes after that counts.
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0), { timeout: 3_000, interval: 5 });
    mkdirSync(join(folder, 'inner'));
    await poll();
    expect(calls).toBe(0);
    writeFileSync(path, 'one');
    await told(() => calls, 0);
  });

  it('finds a change at the far end of a symlink', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'scram-watch-far-'));
    open.push({ dispose: () => rmSync(elsewhere, { recursive: true, force: true }) });
    writeFileSync(join(elsewhere, 'real.json'), 'one');
    symlinkSync(join(elsewhere, 'real.json'), join(folder, 'link.json'));
    const { calls } = start(20, join(folder, 'link.json'));
    writeFileSync(join(elsewhere, 'real.json'), 'changed');
    await told(calls, 0);
  });
});
