import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { keepMemorySmall } from './idle-memory.ts';

const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
process.once('SIGTERM', () => stop());
process.once('SIGINT', () => stop());

// Compiled code is kept beside the built code it came from (a build removes both); where it cannot be, nothing is lost.
// What follows is imported only now, since the cache serves what is loaded after this line.
if (path.basename(import.meta.dirname) === 'hosts') enableCompileCache(path.join(import.meta.dirname, '../compiled'));
const [{ compose }, { runWeb }] = await Promise.all([import('../../compose.ts'), import('./run.ts')]);

keepMemorySmall();
process.exitCode = await runWeb({
  args: process.argv.slice(2),
  env: process.env,
  platform: process.platform,
  codeDir: import.meta.dirname,
  compose,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  stopped,
});
// Everything is closed: what may still be pending (a browser's half-closed connection) is not waited for.
process.exit();
