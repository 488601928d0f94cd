import { connect } from 'node:net';
import { responseFrameSchema } from '../../../shared/contract/frames.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type Client, createClient } from '../../rpc/client.ts';
import { readLines } from './lines.ts';

/** Longest answer taken, characters: a snapshot of 10,000 flags is about 4 million. */
const MAX_ANSWER = 256 * 1024 * 1024;

/** Connects to the console that holds the data folder. Throws `unreachable` when none listens. */
export async function connectControl(path: string): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(path, resolve);
  socket.once('error', (cause: NodeJS.ErrnoException) => {
    reject(new ScramError('unreachable', `no console listens on ${path} (${cause.code})`, { cause }));
  });
  await promise;
  // From here on an error is followed by `close`, which tells the calls that wait.
  socket.on('error', () => socket.destroy());

  return createClient({
    send(frame) {
      if (!socket.destroyed) socket.write(`${JSON.stringify(frame)}\n`);
    },
    onFrame(listener) {
      const onLine = (line: string) => {
        const frame = readAnswer(line);
        if (frame === null) socket.destroy();
        else listener(frame);
      };
      readLines(socket, MAX_ANSWER, onLine, () => socket.destroy());
    },
    onClose: (listener) => void socket.on('close', listener),
    close: () => void socket.end(),
  });
}

function readAnswer(line: string) {
  try {
    const parsed = responseFrameSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
