// Runs on Node 20 as well: what a fresh clone needs before TypeScript can run. Plain JavaScript for that reason.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');

/** Node 24 from the `node` package: npm scripts find it first, whatever the machine has. */
export const node24 = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

const modifiedMs = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function installed() {
  const marker = path.join(root, 'node_modules/.package-lock.json');
  return existsSync(node24) && modifiedMs(marker) >= modifiedMs(path.join(root, 'package-lock.json'));
}

/**
 * Installs what package-lock.json names, unless that is done. Output goes to stderr. Exits 1 when npm fails.
 * Not `npm ci`: it refuses a lock file without the optional packages of every other platform.
 */
export function ensureInstalled() {
  if (installed()) return;
  process.stderr.write('scram: installing dependencies (first run)\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const done = spawnSync(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0 || !existsSync(node24)) {
    process.stderr.write(
      'scram: npm install failed: see the lines above; run it again when the registry is reachable\n',
    );
    process.exit(1);
  }
}

/** Builds dist/ when a source is newer. Output goes to stderr. Exits 1 when the build fails. */
export function ensureBuilt() {
  const done = spawnSync(node24, [path.join(root, 'scripts/build.ts')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    process.stderr.write('scram: the build failed: see the lines above\n');
    process.exit(1);
  }
}
