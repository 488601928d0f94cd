// Unleash on a loopback port of its own, in the foreground: node unleash.mjs PORT DATABASE_URL. Its settings are in the
// environment. One line of JSON says that it is ready; SIGTERM stops it.
import { start } from 'unleash-server';
import { whenOrphaned } from './orphan.mjs';

const [port, databaseUrl] = process.argv.slice(2);
const unleash = await start({
  databaseUrl,
  db: { ssl: false, pool: { min: 0, max: 4 } },
  server: { host: '127.0.0.1', port: Number(port), gracefulShutdownEnable: false },
});

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  // Nothing is kept: what is in flight may end with the process.
  setTimeout(() => process.exit(0), 1000);
  await unleash.stop().catch(() => undefined);
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
whenOrphaned(stop);
console.log(JSON.stringify({ ready: true, version: unleash.version }));
