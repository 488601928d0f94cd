// Starts a built host under Node 24 in the folder that the operator called from, and ends as it ends.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { node24, root } from './install.mjs';

/** Relative paths in arguments mean the caller's folder, not the project's. */
export const callerFolder = process.env.INIT_CWD ?? process.cwd();

export async function launchHost(name, args) {
  const entry = path.join(root, 'dist/hosts', `${name}.js`);
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    process.chdir(callerFolder);
    process.argv = [process.argv[0], entry, ...args];
    await import(pathToFileURL(entry).href);
    return;
  }
  launchProcess(node24, [entry, ...args]);
}

/** A child that gets our signals, and whose exit is ours. */
export function launchProcess(command, args) {
  const child = spawn(command, args, { stdio: 'inherit', cwd: callerFolder });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`scram: cannot start ${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1)));
}
