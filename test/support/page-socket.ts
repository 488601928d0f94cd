import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { CallName, InputOf, OutputOf, SnapshotOf, StreamName } from '../../shared/contract/index.ts';
import type { WireError } from '../../shared/model/error.ts';
import { waitFor } from './processes.ts';
import type { RunningHost } from './web-host.ts';

type Answer = { readonly type: string; readonly id: string } & Record<string, unknown>;

/** A client on a real host's WebSocket that says whatever a test likes, as a page could in which somebody else's code runs. */
export interface PageSocket {
  /** Every frame so far that came from the host, as text. */
  readonly frames: readonly string[];
  /** The output of a call; throws its error's code and message. */
  call<K extends CallName>(op: K, input: InputOf<K>): Promise<OutputOf<K>>;
  /** What a call of any shape is answered with: `done`, or the error's code. */
  code(op: string, input: unknown): Promise<string>;
  error(op: string, input: unknown): Promise<WireError | null>;
  /** The code that a frame of any text is answered with. */
  raw(text: string): Promise<string>;
  snapshot<K extends StreamName>(op: K, input: InputOf<K>): Promise<SnapshotOf<K>>;
  close(): void;
}

const PREFIX = 'page-';
const LIMIT_MS = 30_000;

/** Enters as a browser does: the token in the address, then the cookie. */
export async function openPageSocket(host: Pick<RunningHost, 'url'>): Promise<PageSocket> {
  const { origin } = new URL(host.url);
  const entered = await fetch(host.url, { redirect: 'manual' });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { cookie, origin } });
  const frames: string[] = [];
  const answers: Answer[] = [];
  let asked = 0;
  socket.on('message', (data) => {
    frames.push(String(data));
    answers.push(JSON.parse(String(data)) as Answer);
  });
  await once(socket, 'open');

  const answerTo = (id: string, what: string, from: number): Promise<Answer> =>
    waitFor(`${what} answers`, () => answers.slice(from).find((answer) => answer.id === id), {
      deadlineMs: LIMIT_MS,
      everyMs: 5,
    });
  function send(type: 'call' | 'listen', op: string, input: unknown): Promise<Answer> {
    asked += 1;
    const from = answers.length;
    const id = `${PREFIX}${asked}`;
    socket.send(JSON.stringify({ type, id, op, input }));
    return answerTo(id, op, from);
  }
  const errorOf = (answer: Answer): WireError | null => (answer.type === 'error' ? (answer.error as WireError) : null);
  function good(op: string, answer: Answer): Answer {
    const error = errorOf(answer);
    if (error !== null) throw new Error(`${op}: ${error.code}: ${error.message}`);
    return answer;
  }
  const error: PageSocket['error'] = async (op, input) => errorOf(await send('call', op, input));
  return {
    frames,
    error,
    code: async (op, input) => (await error(op, input))?.code ?? 'done',
    async call<K extends CallName>(op: K, input: InputOf<K>) {
      return good(op, await send('call', op, input)).output as OutputOf<K>;
    },
    async raw(text) {
      const from = answers.length;
      socket.send(text);
      // What comes under an id of this client's own is an answer to something else.
      const find = () => answers.slice(from).find(({ id }) => !id.startsWith(PREFIX));
      const answer = await waitFor('the frame is answered', find, { deadlineMs: LIMIT_MS, everyMs: 5 });
      return errorOf(answer)?.code ?? 'done';
    },
    async snapshot<K extends StreamName>(op: K, input: InputOf<K>) {
      const answer = good(op, await send('listen', op, input));
      socket.send(JSON.stringify({ type: 'cancel', id: answer.id }));
      return answer.data as SnapshotOf<K>;
    },
    close: () => socket.terminate(),
  };
}
