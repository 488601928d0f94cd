import { chmod, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { MAX_REQUEST_BYTES } from '../../../shared/contract/frames.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import type { PersonSession } from '../../services/operators/api.ts';
import { readLines } from './lines.ts';

export interface ControlServer {
  readonly path: string;
  close(): Promise<void>;
}

/** `sun_path` of Linux and macOS, with its final zero. */
const MAX_PATH_BYTES = 103;
/** Bytes that a client may leave untaken before it is cut. */
const HARD_BACKLOG_BYTES = 64 * 1024 * 1024;

/**
 * Serves the contract to this machine's user on a Unix socket, mode 0600: one JSON frame per line. A socket file that
 * a killed console left behind is removed. Throws `busy` when a live console answers there.
 */
export async function serveControl(
  dispatcher: Dispatcher,
  path: string,
  openSession: () => PersonSession,
): Promise<ControlServer> {
  const isPipe = path.startsWith('\\\\');
  if (!isPipe && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new ScramError('refused', `a socket's path has at most ${MAX_PATH_BYTES} bytes: ${path}`, {
      action: 'Choose a data folder with a shorter path',
    });
  }
  if (!isPipe) await removeStale(path);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(dispatcher, socket, openSession());
  });
  await listen(server, path);
  if (!isPipe) await chmod(path, 0o600);
  return {
    path,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Node removes the socket file itself.
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      await promise;
    },
  };
}

/** A command that attaches is nobody until it unlocks: that a page is unlocked gives the terminal no rights. */
function serve(dispatcher: Dispatcher, socket: Socket, person: PersonSession): void {
  const connection = dispatcher.open(
    { person, host: 'terminal' },
    (frame) => {
      if (socket.destroyed) return;
      if (socket.writableLength > HARD_BACKLOG_BYTES) socket.destroy();
      else socket.write(`${JSON.stringify(frame)}\n`);
    },
    () => socket.writableLength,
  );
  const onTooLong = () => {
    // The dispatcher says so in its own words; the rest of the line cannot be told from a new one.
    connection.receive(' '.repeat(MAX_REQUEST_BYTES + 1));
    socket.end();
  };
  readLines(socket, MAX_REQUEST_BYTES * 4, (line) => connection.receive(line), onTooLong);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    connection.close();
    person.dispose();
  });
}

async function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  // The file is made within listen(): with this mask it is never open to others, not even for a moment.
  const mask = process.umask(0o177);
  try {
    server.listen(path, resolve);
  } finally {
    process.umask(mask);
  }
  await promise;
  server.off('error', reject);
}

async function removeStale(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<'live' | 'stale' | 'absent'>();
  const probe = connect(path);
  probe.once('connect', () => resolve('live'));
  probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 'absent' : 'stale'));
  const found = await promise;
  probe.destroy();
  if (found === 'live') throw new ScramError('busy', `another console answers on ${path}`);
  if (found === 'stale') await unlink(path);
}
