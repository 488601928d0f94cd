import { responseFrameSchema, type ResponseFrame } from '../../shared/contract/frames.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { Transport } from './transport.ts';

/** What the desktop host's preload exposes, and nothing else: the frames of the contract over Electron's IPC. */
export interface PreloadApi {
  /** Resolves with a `result` or `error` frame. */
  call(op: string, input: unknown): Promise<unknown>;
  /** Calls back with each frame of the stream until the returned function is called. */
  listen(op: string, input: unknown, onFrame: (frame: unknown) => void): () => void;
}

function read(frame: unknown): ResponseFrame {
  const parsed = responseFrameSchema.safeParse(frame);
  if (parsed.success) return parsed.data;
  throw new ScramError('invalid-frame', 'The console sent an answer that does not fit the contract.');
}

/** The desktop's transport: the back end lives as long as the window, so it is never away. */
export function createPreloadTransport(api: PreloadApi): Transport {
  const open = { state: 'open', sinceMs: Date.now() } as const;
  return {
    call: async (op, input) => read(await api.call(op, input)),
    listen: (op, input, onFrame) => api.listen(op, input, (frame) => onFrame(read(frame))),
    reachability: () => open,
    onReachability: () => () => undefined,
    dispose: () => undefined,
  };
}
