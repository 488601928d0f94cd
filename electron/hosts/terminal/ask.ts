import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ScramError } from '../../../shared/model/error.ts';

/** Asks on stderr, so that stdout stays the answer; null when no person sits at stdin. */
export async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** The same for a secret: nothing of what is typed is shown. Throws `cancelled` on Ctrl-C. */
export async function askSecret(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  // As a terminal, readline switches the echo of the real one off and would draw what is typed itself: into nothing.
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 });
  const stopped = new AbortController();
  lines.on('SIGINT', () => stopped.abort());
  lines.on('close', () => stopped.abort());
  process.stderr.write(question);
  try {
    return await lines.question('', { signal: stopped.signal });
  } catch (cause) {
    throw new ScramError('cancelled', 'stopped before anything was done', { cause });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

export async function readStdin(): Promise<string | null> {
  return process.stdin.isTTY ? null : text(process.stdin);
}
