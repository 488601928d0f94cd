// `npm start`: installs what is missing, builds when stale, opens the console. Desktop where it can, else the web host.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt, ensureInstalled, node24, root } from './lib/install.mjs';
import { launchHost, launchProcess } from './lib/launch.mjs';

const args = process.argv.slice(2);
const DOWNLOAD_LIMIT_MS = 180_000;

function electronBinary() {
  const folder = path.join(root, 'node_modules/electron');
  const named = path.join(folder, 'path.txt');
  if (!existsSync(named)) return null;
  const binary = path.join(folder, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

/** The Electron binary, downloaded if need be; otherwise the reason why there is none. */
function findDesktop() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { reason: 'there is no display' };
  }
  if (!electronBinary()) {
    spawnSync(node24, [path.join(root, 'node_modules/electron/install.js')], {
      stdio: 'ignore',
      timeout: DOWNLOAD_LIMIT_MS,
    });
  }
  const binary = electronBinary();
  return binary ? { binary } : { reason: 'the Electron binary is not installed and could not be downloaded' };
}

ensureInstalled();
ensureBuilt();
if (args.includes('--web')) {
  await launchHost(
    'web',
    args.filter((argument) => argument !== '--web'),
  );
} else {
  const desktop = findDesktop();
  if (desktop.binary) {
    launchProcess(desktop.binary, [path.join(root, 'dist/hosts/desktop.js'), ...args]);
  } else {
    process.stderr.write(`scram: no desktop window, because ${desktop.reason}: starting the web host instead\n`);
    await launchHost('web', args);
  }
}
