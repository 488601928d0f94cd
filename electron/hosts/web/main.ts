import { compose } from '../../compose.ts';
import { runWeb } from './run.ts';

const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
process.once('SIGTERM', () => stop());
process.once('SIGINT', () => stop());

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
