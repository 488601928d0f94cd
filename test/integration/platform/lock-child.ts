import { lockDataFolder } from '../../../electron/platform/lock.ts';

/** Takes the lock of a folder and holds it until it is told to release it (a line on stdin) or killed. */
const lock = lockDataFolder(process.argv[2] ?? '', {
  pid: process.pid,
  host: 'desktop',
  sinceMs: 1_700_000_000_000,
  controlSocket: null,
});
process.stdout.write('locked\n');
process.stdin.once('data', () => {
  lock.release();
  process.stdout.write('released\n');
});
setInterval(() => undefined, 1000);
