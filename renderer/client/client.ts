import { z } from 'zod';
import {
  type CallName,
  contract,
  type DeltaOf,
  type InputOf,
  type OutputOf,
  type SnapshotOf,
  type StreamName,
} from '../../shared/contract/index.ts';
import type { ResponseFrame } from '../../shared/contract/frames.ts';
import { ScramError } from '../../shared/model/error.ts';
import { RemoteError, toScramError } from './errors.ts';
import type { Reachability, Transport } from './transport.ts';

// The page's content security policy forbids eval, which zod's compiled parsers need.
z.config({ jitless: true });

export interface StreamHandlers<K extends StreamName> {
  /** The whole state; also after a gap or a lost connection. */
  onSnapshot(snapshot: SnapshotOf<K>): void;
  onDelta(delta: DeltaOf<K>): void;
  /** The stream broke. A retryable error is followed by another snapshot when trying again works. */
  onError(error: ScramError): void;
}

export interface Client {
  /** Checks input and output against the contract. Rejects with a `ScramError`. */
  call<K extends CallName>(op: K, input: InputOf<K>): Promise<OutputOf<K>>;
  /** Returns what ends it. */
  listen<K extends StreamName>(op: K, input: InputOf<K>, handlers: StreamHandlers<K>): () => void;
  reachability(): Reachability;
  onReachability(listener: () => void): () => void;
  dispose(): void;
}

const RETRY_MS = 1_000;

export function createClient(transport: Transport): Client {
  const stops = new Set<() => void>();
  return {
    call: async (op, input) => {
      const frame = await transport.call(op, readInput(op, input));
      if (frame.type === 'error') throw new RemoteError(frame.error);
      if (frame.type !== 'result') throw misfit(op);
      return read(op, contract[op].output, frame.output) as OutputOf<typeof op>;
    },
    listen: (op, input, handlers) => {
      let stop = () => {};
      try {
        stop = listen(transport, op, readInput(op, input), handlers);
      } catch (error) {
        handlers.onError(toScramError(error));
      }
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    reachability: transport.reachability,
    onReachability: transport.onReachability,
    dispose: () => {
      for (const stop of stops) stop();
      stops.clear();
      transport.dispose();
    },
  };
}

/** One stream that mends itself: a missed number, an answer that does not fit, an end, a passing error. */
function listen<K extends StreamName>(
  transport: Transport,
  op: K,
  input: unknown,
  handlers: StreamHandlers<K>,
): () => void {
  /** Number of the last frame; null until a snapshot has come. */
  let sequence: number | null = null;
  let stopped = false;
  let cancel = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (waitMs: number) => {
    cancel();
    sequence = null;
    clearTimeout(timer);
    timer = setTimeout(start, waitMs);
  };
  const fail = (error: ScramError) => {
    handlers.onError(error);
    if (error.retryable) again(RETRY_MS);
    else cancel();
  };
  const onFrame = (frame: ResponseFrame) => {
    if (stopped) return;
    try {
      if (frame.type === 'snapshot') {
        const snapshot = read(op, contract[op].snapshot, frame.data) as SnapshotOf<K>;
        sequence = 0;
        handlers.onSnapshot(snapshot);
      } else if (frame.type === 'delta') {
        if (sequence === null) return;
        if (frame.sequence !== sequence + 1) {
          again(0);
          return;
        }
        sequence = frame.sequence;
        handlers.onDelta(read(op, contract[op].delta, frame.data) as DeltaOf<K>);
      } else if (frame.type === 'end') {
        again(RETRY_MS);
      } else if (frame.type === 'error') {
        fail(new RemoteError(frame.error));
      }
    } catch (error) {
      fail(toScramError(error));
    }
  };
  const start = () => {
    cancel = transport.listen(op, input, onFrame);
  };
  start();
  return () => {
    stopped = true;
    clearTimeout(timer);
    cancel();
  };
}

function readInput(op: CallName | StreamName, input: unknown): unknown {
  const parsed = contract[op].input.safeParse(input);
  if (parsed.success) return input;
  throw new ScramError('invalid-input', `${op}: ${z.prettifyError(parsed.error)}`);
}

function read(op: CallName | StreamName, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw misfit(op, parsed.error);
}

function misfit(op: string, cause?: z.ZodError): ScramError {
  const where = cause ? ` ${z.prettifyError(cause).slice(0, 300)}` : '';
  return new ScramError('invalid-frame', `The answer to ${op} does not fit the contract.${where}`, {
    action: 'Reload the page: the console may have been updated.',
    cause,
  });
}
