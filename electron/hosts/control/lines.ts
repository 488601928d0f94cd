import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** Calls back with each line. A line longer than `limit` characters calls `onTooLong` and ends the reading. */
export function readLines(socket: Socket, limit: number, onLine: (line: string) => void, onTooLong: () => void): void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let held = 0;
  let over = false;

  socket.on('data', (chunk: Buffer) => {
    if (over) return;
    const pieces = decoder.write(chunk).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = [...parts, piece].join('');
      parts = [];
      held = 0;
      if (line.trim() !== '') onLine(line);
    }
    parts.push(last);
    held += last.length;
    if (held <= limit) return;
    over = true;
    parts = [];
    onTooLong();
  });
}
