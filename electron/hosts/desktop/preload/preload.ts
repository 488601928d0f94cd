import { contextBridge, ipcRenderer } from 'electron';

/** As in origin.ts: the preload is sandboxed and stands alone. */
const CHANNEL = 'scram:frame';

interface Frame {
  readonly type: string;
  readonly id: string;
}

/** Marks this load of the page, so that answers to the one before it are not taken for ours. */
const mark = crypto.randomUUID();
const receivers = new Map<string, (frame: Frame) => void>();
let nextId = 0;

function send(frame: object): void {
  ipcRenderer.send(CHANNEL, mark, JSON.stringify(frame));
}

function request(type: 'call' | 'listen', op: string, input: unknown, receive: (frame: Frame) => void): string {
  nextId += 1;
  const id = `d${nextId}`;
  // The page hands in text and data; whatever else it tries ends as JSON that the dispatcher reads with its schemas.
  const text = JSON.stringify({ type, id, op: String(op), input: input ?? null });
  receivers.set(id, receive);
  ipcRenderer.send(CHANNEL, mark, text);
  return id;
}

ipcRenderer.on(CHANNEL, (_event, forMark: unknown, text: unknown) => {
  if (forMark !== mark || typeof text !== 'string') return;
  const frame: Frame = JSON.parse(text);
  receivers.get(frame.id)?.(frame);
});

/** All that the page gets: it can ask and listen, and has no hand on a channel, an event or a module. */
contextBridge.exposeInMainWorld('scram', {
  call: (op: string, input: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      const id = request('call', op, input, (frame) => {
        receivers.delete(id);
        resolve(frame);
      });
    }),
  listen: (op: string, input: unknown, onFrame: (frame: unknown) => void): (() => void) => {
    const id = request('listen', op, input, (frame) => {
      if (frame.type === 'error' || frame.type === 'end') receivers.delete(id);
      onFrame(frame);
    });
    return () => {
      if (receivers.delete(id)) send({ type: 'cancel', id });
    };
  },
});
