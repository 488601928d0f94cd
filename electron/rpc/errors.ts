import { ScramError, type WireError } from '../../shared/model/error.ts';
import type { Log } from '../services/ports.ts';

const MAX_TEXT = 2000;

/**
 * An error as it crosses to the caller. The product's own errors pass as they are, without their cause. Anything else
 * is a fault of ours: the caller sees `internal` and a correlation id, the log says where it was thrown. Its message
 * stays out of both, since nobody knows what it quotes (E2).
 */
export function toWireError(error: unknown, context: { op: string; correlationId: string; log: Log }): WireError {
  const { op, correlationId, log } = context;
  if (error instanceof ScramError && error.code !== 'internal') {
    return {
      code: error.code,
      message: error.message.slice(0, MAX_TEXT),
      retryable: error.retryable,
      action: error.action === null ? null : error.action.slice(0, MAX_TEXT),
      correlationId,
    };
  }
  log.error('rpc.internal', { op, correlationId, ...traceOf(error) });
  return {
    code: 'internal',
    message: `${op} failed inside the console`,
    retryable: false,
    action: `Look for ${correlationId} in the console's log`,
    correlationId,
  };
}

/** Class, system error code and code positions of an error: none of them is text that a caller or a server wrote. */
export function traceOf(error: unknown): { error: string; code: string | null; at: string | null } {
  if (!(error instanceof Error)) return { error: typeof error, code: null, at: null };
  const constructorName: unknown = error.constructor?.name;
  const code: unknown = Reflect.get(error, 'code');
  return {
    error: typeof constructorName === 'string' ? constructorName.slice(0, 60) : 'Error',
    code: typeof code === 'string' && /^(E[A-Z0-9]{2,15}|ERR_[A-Z_]{2,50})$/.test(code) ? code : null,
    at: positionsOf(error),
  };
}

/** `file:line` of the innermost frames. The message stands at the head of a stack, and is cut away first. */
function positionsOf(error: Error): string | null {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const frames = error.message === '' ? stack : stack.slice(stack.indexOf(error.message) + error.message.length);
  const positions = [...frames.matchAll(/^\s+at .*?([\w.-]+\.[cm]?[jt]sx?:\d+):\d+\)?$/gm)].map((match) => match[1]);
  return positions.length === 0 ? null : positions.slice(0, 6).join(' < ');
}
