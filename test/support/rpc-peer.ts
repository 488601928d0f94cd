import { sessionWith } from './people.ts';
import type { Access } from '../../shared/contract/define.ts';
import type { ResponseFrame } from '../../shared/contract/frames.ts';
import type { Dispatcher } from '../../electron/rpc/dispatcher.ts';

export interface Peer {
  /** Every frame so far, oldest first. */
  readonly frames: ResponseFrame[];
  /** Sends a frame; text goes out as it is. */
  send(frame: unknown): void;
  /** The next frame under `id` that has not been taken, waited for up to 2 s. */
  next(id: string): Promise<ResponseFrame>;
  close(): void;
  backlog: number;
}

/** A client straight on the dispatcher, without a transport. */
export function openPeer(
  dispatcher: Dispatcher,
  access: readonly Access[] = ['view', 'act', 'approve', 'administer'],
): Peer {
  const frames: ResponseFrame[] = [];
  const taken = new Set<ResponseFrame>();
  const waiters = new Set<() => void>();
  const connection = dispatcher.open(
    { person: sessionWith(access), host: 'web' },
    (frame) => {
      frames.push(frame);
      for (const wake of [...waiters]) wake();
    },
    () => peer.backlog,
  );
  const peer: Peer = {
    frames,
    backlog: 0,
    send: (frame) => connection.receive(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: (id) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = frames.find((frame) => frame.id === id && !taken.has(frame));
          if (found === undefined) return;
          taken.add(found);
          waiters.delete(look);
          clearTimeout(limit);
          resolve(found);
        };
        const limit = setTimeout(() => reject(new Error(`no frame ${id}: ${JSON.stringify(frames.slice(-5))}`)), 2000);
        waiters.add(look);
        look();
      }),
    close: () => connection.close(),
  };
  return peer;
}
