import type { RequestFrame, ResponseFrame } from '../../shared/contract/frames.ts';
import {
  type CallName,
  contract,
  type DeltaOf,
  type InputOf,
  type OutputOf,
  type SnapshotOf,
  type StreamName,
} from '../../shared/contract/index.ts';
import { ScramError, type WireError } from '../../shared/model/error.ts';
import type { JsonValue } from '../../shared/model/json.ts';
import type { Disposable } from '../services/ports.ts';

/** Carries frames; `onFrame` and `onClose` are set by the client. */
export interface ClientTransport {
  send(frame: RequestFrame): void;
  onFrame(listener: (frame: ResponseFrame) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export interface StreamReader<K extends StreamName> {
  /** Replaces everything known so far. */
  snapshot(data: SnapshotOf<K>): void;
  delta(data: DeltaOf<K>): void;
  /** The stream has ended with this error, after which nothing more comes. */
  error(error: ScramError): void;
}

/** Typed ends of the contract over one transport. Both directions are read by the schemas. */
export interface Client extends Disposable {
  /** Throws the other end's `ScramError`; `cancelled` when `signal` aborts; `unreachable` when the connection ends. */
  call<K extends CallName>(op: K, input: InputOf<K>, signal?: AbortSignal): Promise<OutputOf<K>>;
  /** Subscribes again by itself after a `gap`. */
  listen<K extends StreamName>(op: K, input: InputOf<K>, reader: StreamReader<K>): Disposable;
}

type Receiver = (frame: ResponseFrame | ScramError) => void;

export function createClient(transport: ClientTransport): Client {
  const receivers = new Map<string, Receiver>();
  let nextId = 0;
  let closed = false;

  transport.onFrame((frame) => receivers.get(frame.id)?.(frame));
  transport.onClose(() => {
    closed = true;
    const lost = new ScramError('unreachable', 'the console has gone away');
    for (const receive of [...receivers.values()]) receive(lost);
    receivers.clear();
  });

  const request = (type: 'call' | 'listen', op: string, input: unknown, receive: Receiver): string => {
    nextId += 1;
    const id = `c${nextId}`;
    if (closed) {
      receive(new ScramError('unreachable', 'the console has gone away'));
      return id;
    }
    receivers.set(id, receive);
    transport.send({ type, id, op, input: input as JsonValue });
    return id;
  };

  return {
    call(op, input, signal) {
      return new Promise((resolve, reject) => {
        let id = '';
        const onAbort = () => transport.send({ type: 'cancel', id });
        id = request('call', op, input, (frame) => {
          receivers.delete(id);
          signal?.removeEventListener('abort', onAbort);
          try {
            resolve(readOutput(op, frame));
          } catch (error) {
            reject(error);
          }
        });
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    listen(op, input, reader) {
      let id = '';
      let sequence = 0;
      const begin = () => {
        id = request('listen', op, input, receive);
      };
      const renew = () => {
        receivers.delete(id);
        begin();
      };
      const receive: Receiver = (frame) => {
        if (frame instanceof ScramError) return reader.error(frame);
        if (frame.type === 'snapshot') {
          sequence = 0;
          reader.snapshot(read(contract[op].snapshot, frame.data, op) as SnapshotOf<typeof op>);
        } else if (frame.type === 'delta') {
          sequence += 1;
          if (frame.sequence === sequence) reader.delta(read(contract[op].delta, frame.data, op) as DeltaOf<typeof op>);
          else {
            transport.send({ type: 'cancel', id });
            renew();
          }
        } else if (frame.type === 'error' && frame.error.code === 'gap') renew();
        else {
          receivers.delete(id);
          if (frame.type === 'error') reader.error(fromWire(frame.error));
        }
      };
      begin();
      return {
        dispose() {
          if (receivers.delete(id) && !closed) transport.send({ type: 'cancel', id });
        },
      };
    },
    dispose() {
      transport.close();
    },
  };
}

function readOutput<K extends CallName>(op: K, frame: ResponseFrame | ScramError): OutputOf<K> {
  if (frame instanceof ScramError) throw frame;
  if (frame.type === 'error') throw fromWire(frame.error);
  if (frame.type !== 'result') throw new ScramError('invalid-frame', `${op} was answered with a ${frame.type}`);
  return read(contract[op].output, frame.output, op) as OutputOf<K>;
}

function read(schema: { safeParse(value: unknown): { success: boolean; data?: unknown } }, value: unknown, op: string) {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ScramError('invalid-frame', `the answer of ${op} does not fit the contract`);
  return parsed.data;
}

function fromWire(error: WireError): ScramError {
  return new ScramError(error.code, error.message, {
    retryable: error.retryable,
    ...(error.action === null ? {} : { action: error.action }),
  });
}
