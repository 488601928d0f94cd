import type { ResponseFrame } from '../../../shared/contract/frames.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';
import type { Reachability, Transport } from '../../../renderer/client/transport.ts';

export interface FakeStream {
  readonly op: string;
  readonly input: unknown;
  readonly frame: (frame: Record<string, unknown>) => void;
  cancelled: boolean;
}

/** A back end that answers what the test says. */
export function fakeTransport(answer: (op: string, input: unknown) => unknown = () => ({})) {
  const streams: FakeStream[] = [];
  const watchers = new Set<() => void>();
  let state: Reachability = { state: 'open', sinceMs: 0 };
  const transport: Transport = {
    call: async (op, input) => answer(op, input) as ResponseFrame,
    listen: (op, input, onFrame) => {
      const stream: FakeStream = {
        op,
        input,
        cancelled: false,
        frame: (frame) => {
          if (!stream.cancelled) onFrame({ id: 's', ...frame } as unknown as ResponseFrame);
        },
      };
      streams.push(stream);
      return () => {
        stream.cancelled = true;
      };
    },
    reachability: () => state,
    onReachability: (listener) => {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    dispose: () => undefined,
  };
  const become = (next: Reachability['state']) => {
    state = { state: next, sinceMs: 1 };
    for (const watcher of watchers) watcher();
  };
  return { transport, streams, become };
}

export function row(key: string, change: Partial<FlagRow> = {}): FlagRow {
  return {
    connection: 'local',
    key,
    type: 'release',
    polarity: 'enables',
    owner: null,
    critical: false,
    stale: false,
    services: [],
    exposure: 'everyone',
    percentage: 100,
    serves: 'on',
    targeting: null,
    killed: false,
    killable: true,
    changedAtMs: null,
    ...change,
  };
}
