import { createHash } from 'node:crypto';
import path from 'node:path';

/** Where the console that holds `dataDir` listens for the terminal host: a Unix socket, on Windows a named pipe. */
export function controlPath(dataDir: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return path.join(dataDir, 'control.sock');
  return `\\\\.\\pipe\\scram-${createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 32)}`;
}
