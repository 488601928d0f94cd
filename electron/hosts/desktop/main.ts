import { app } from 'electron';
import { compose } from '../../compose.ts';
import { runDesktop } from './run.ts';

process.once('SIGTERM', () => app.quit());
process.once('SIGINT', () => app.quit());

void runDesktop({
  argv: process.argv,
  env: process.env,
  platform: process.platform,
  codeDir: import.meta.dirname,
  compose,
});
