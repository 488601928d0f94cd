import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LockHolder, lockDataFolder, readLockHolder } from '../../../electron/platform/lock.ts';
import { dataPaths, ensureDataFolder } from '../../../electron/platform/paths.ts';
import { NODE, waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
let children: ChildProcess[];
beforeEach(() => {
  folder = tempFolder('lock');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  folder.remove();
});

const me: LockHolder = { pid: process.pid, host: 'web', sinceMs: 1_750_000_000_000, controlSocket: '/x/control.sock' };

async function holder(): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(NODE, [path.join(import.meta.dirname, 'lock-child.ts'), folder.path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await waitFor('the other process to hold the lock', () => output.includes('locked'));
  return { child, said: () => output };
}

describe('data folder lock', () => {
  it('is refused to a second process, which is told pid, host and since', async () => {
    const { child } = await holder();
    let refusal: unknown;
    try {
      lockDataFolder(folder.path, me);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({
      code: 'busy',
      message: `data folder ${folder.path} is in use by process ${child.pid} (desktop) since 2023-11-14T22:13:20.000Z`,
      action: expect.stringContaining('--data-dir'),
    });
    expect(readLockHolder(folder.path)?.pid).toBe(child.pid);
  });

  it('is freed by the death of its holder, SIGKILL included', async () => {
    const { child } = await holder();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    // lock.json of the dead is still there, and nobody is misled by it.
    expect(existsSync(dataPaths(folder.path).lockInfo)).toBe(true);
    expect(readLockHolder(folder.path)).toBeNull();
    const lock = lockDataFolder(folder.path, me);
    expect(readLockHolder(folder.path)).toEqual(me);
    lock.release();
  });

  it('is freed by release, once, and lock.json goes with it', async () => {
    const { child, said } = await holder();
    child.stdin?.write('release\n');
    await waitFor('release', () => said().includes('released'));
    const lock = lockDataFolder(folder.path, me);
    expect(() => lockDataFolder(folder.path, me)).toThrow(`process ${process.pid} (web)`);
    lock.release();
    lock.release();
    expect(existsSync(dataPaths(folder.path).lockInfo)).toBe(false);
    lockDataFolder(folder.path, me).release();
  });

  it('holds even when lock.json is lost or nonsense: the holder then has no name', async () => {
    await holder();
    writeFileSync(dataPaths(folder.path).lockInfo, 'nonsense');
    expect(() => lockDataFolder(folder.path, me)).toThrow(`data folder ${folder.path} is in use by another process`);
  });

  it('is only taken by one of many that start at once', async () => {
    const starts = Array.from({ length: 4 }, () => {
      const child = spawn(NODE, [path.join(import.meta.dirname, 'lock-child.ts'), folder.path], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      children.push(child);
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      return () => (output.includes('locked') ? 'locked' : output.includes('in use by') ? 'refused' : undefined);
    });
    await waitFor('all to have tried', () => starts.every((outcome) => outcome() !== undefined));
    expect(starts.map((outcome) => outcome()).sort()).toEqual(['locked', 'refused', 'refused', 'refused']);
  });

  it('names a folder that is not there', () => {
    expect(() => lockDataFolder(folder.at('absent'), me)).toThrow(
      `data folder ${folder.at('absent')} cannot be locked`,
    );
  });
});

describe('data folder', () => {
  it('is made for the user alone, and an existing one keeps its mode', () => {
    const paths = ensureDataFolder(folder.at('a', 'b'));
    expect(statSync(paths.folder).mode & 0o777).toBe(0o700);
    chmodSync(paths.folder, 0o750);
    ensureDataFolder(paths.folder);
    expect(statSync(paths.folder).mode & 0o777).toBe(0o750);
    writeFileSync(folder.at('file'), 'x');
    expect(() => ensureDataFolder(folder.at('file', 'b'))).toThrow(/cannot be made/);
    expect(readFileSync(folder.at('file'), 'utf8')).toBe('x');
  });
});
