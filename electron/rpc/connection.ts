import type { CallDefinition, Definition, StreamDefinition } from '../../shared/contract/define.ts';
import type { RequestFrame } from '../../shared/contract/frames.ts';
import { contract, isOperationName, type OperationName } from '../../shared/contract/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { Disposable } from '../services/ports.ts';
import type { Backend } from './backend.ts';
import { toWireError, traceOf } from './errors.ts';
import { describeIssues, readFrame } from './frames.ts';
import type { CallContext, Context, Handlers, Started } from './handlers/index.ts';
import { createOutbox } from './outbox.ts';
import type { Limits, Link, Session } from './session.ts';
import { subscribe, type Subscription } from './subscription.ts';

export interface Connection {
  /** Takes one request frame, JSON text. Never throws: whatever is wrong is answered with a typed error. */
  receive(raw: unknown): void;
  close(): void;
}

export interface ConnectionOptions {
  readonly backend: Backend;
  readonly handlers: Handlers;
  readonly session: Session;
  readonly link: Link;
  readonly limits: Limits;
  readonly shutdown: AbortSignal;
  /** Told of each running call, so that a shutdown can wait for it. */
  onCall(settled: Promise<void>): void;
  onClose(connection: Connection): void;
}

/** Handlers of one kind, seen from the dispatcher: input and output have been or will be read by the schemas. */
type AnyCall = (input: unknown, context: CallContext) => Promise<unknown>;
type AnyStream = (input: unknown, context: Context, push: (delta: unknown) => void) => Started<unknown>;

export function openConnection(options: ConnectionOptions): Connection {
  const { backend, handlers, session, link, limits } = options;
  const calls = new Map<string, AbortController>();
  const streams = new Map<string, Subscription>();
  const outbox = createOutbox(link, backend.clock, limits);
  let closed = false;

  const send: Link['send'] = (frame) => {
    if (closed) return;
    try {
      link.send(frame);
    } catch (error) {
      backend.log.warn('rpc.send-failed', traceOf(error));
      connection.close();
    }
  };

  const sendError = (id: string, op: string, error: unknown) => {
    const context = { op, correlationId: backend.ids.next(), log: backend.log };
    send({ type: 'error', id, error: toWireError(error, context) });
  };

  const contextOf = (): Context => ({ backend, services: backend.services(), session });

  const startCall = async (id: string, op: OperationName, definition: CallDefinition, input: unknown) => {
    const controller = new AbortController();
    calls.set(id, controller);
    try {
      const handler = handlers[op] as AnyCall;
      const { signal } = controller;
      const output = await handler(input, { ...contextOf(), signal, shutdown: options.shutdown });
      const result = checked(definition.output, output, op, 'output');
      calls.delete(id);
      send({ type: 'result', id, output: result });
    } catch (error) {
      calls.delete(id);
      const cancelled = controller.signal.aborted && !(error instanceof ScramError);
      sendError(id, op, cancelled ? new ScramError('cancelled', `${op} was cancelled`) : error);
    }
  };

  const startStream = (id: string, op: OperationName, definition: StreamDefinition, input: unknown) => {
    const handler = handlers[op] as AnyStream;
    let failed = false;
    const subscription = subscribe({
      id,
      whole: definition.snapshot === definition.delta,
      heldDeltas: limits.heldDeltas,
      outbox,
      start: (push) => handler(input, contextOf(), push),
      checkSnapshot: (value) => checked(definition.snapshot, value, op, 'snapshot'),
      checkDelta: (value) => checked(definition.delta, value, op, 'delta'),
      send,
      onFailure(error) {
        failed = true;
        streams.delete(id);
        sendError(id, op, error);
      },
    });
    if (!failed) streams.set(id, subscription);
  };

  const cancel = (id: string) => {
    const call = calls.get(id);
    if (call !== undefined) return call.abort();
    // Also for an id that is not (or no longer) known: after `end` nothing more comes under it.
    streams.get(id)?.dispose();
    streams.delete(id);
    send({ type: 'end', id });
  };

  const start = (frame: Exclude<RequestFrame, { type: 'cancel' }>) => {
    const { id, op } = frame;
    if (calls.has(id) || streams.has(id)) {
      // Answered without the id: under it, the operation that is running would seem to have failed.
      return sendError('', 'frame', new ScramError('invalid-frame', `the id ${id} is in use`));
    }
    if (!isOperationName(op)) {
      return sendError(id, 'frame', new ScramError('unknown-operation', `there is no operation ${JSON.stringify(op)}`));
    }
    const definition: Definition = contract[op];
    const problem = mayStart(frame.type, op, definition);
    if (problem !== null) return sendError(id, op, problem);
    const input = definition.input.safeParse(frame.input);
    if (!input.success) {
      const message = `the input of ${op} does not fit: ${describeIssues(input.error.issues)}`;
      return sendError(id, op, new ScramError('invalid-input', message));
    }
    if (definition.mode === 'stream') return startStream(id, op, definition, input.data);
    options.onCall(startCall(id, op, definition, input.data));
  };

  const mayStart = (type: 'call' | 'listen', op: OperationName, definition: Definition): ScramError | null => {
    if ((type === 'listen') !== (definition.mode === 'stream')) {
      const right = definition.mode === 'stream' ? 'listen to it' : 'call it';
      return new ScramError('unknown-operation', `${op} is a ${definition.mode}: ${right}`);
    }
    if (!session.person.rights().has(definition.access)) return withoutRight(session, op, definition);
    if (definition.mode === 'call' && calls.size >= limits.calls) {
      return new ScramError('busy', `${limits.calls} calls are running already`);
    }
    if (definition.mode === 'stream' && streams.size >= limits.streams) {
      return new ScramError('busy', `${limits.streams} streams are open already`);
    }
    return null;
  };

  const renewal: Disposable = backend.onServices(() => {
    for (const subscription of [...streams.values()]) subscription.restart();
  });

  const connection: Connection = {
    receive(raw) {
      if (closed) return;
      const read = readFrame(raw);
      if (!read.ok) return sendError(read.id, 'frame', read.error);
      if (read.frame.type === 'cancel') return cancel(read.frame.id);
      start(read.frame);
    },
    close() {
      if (closed) return;
      closed = true;
      renewal.dispose();
      outbox.dispose();
      for (const subscription of streams.values()) subscription.dispose();
      streams.clear();
      for (const call of calls.values()) call.abort();
      options.onClose(connection);
    },
  };
  return connection;
}

/** Locked and not allowed are two things: the first one ends by unlocking (D5, E1). */
function withoutRight({ person }: Session, op: string, { access }: Definition): ScramError {
  const me = person.me();
  if (me === null && person.rights().size <= 1) {
    return new ScramError('locked', `this console is locked: ${op} needs a person who may ${access}`, {
      action: 'unlock it first',
    });
  }
  const who = me === null ? 'this session' : `${me.operator} (${me.roles.join(', ') || 'not in the roster in force'})`;
  return new ScramError('forbidden', `${op} needs the right to ${access}, which ${who} does not have`, {
    action: 'ask somebody who has it, or an admin for the role',
  });
}

interface Schema {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: unknown }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** What a handler gives must fit too: the page trusts the contract. */
function checked(schema: Schema, value: unknown, op: string, part: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new OutputMismatch(`${op}: the ${part} does not fit the contract at "${place}"`);
}

/** A fault of a handler; the caller learns `internal`, and the log where. */
class OutputMismatch extends Error {}
