import { ScramError, type WireError } from '../../shared/model/error.ts';

/** An error that the back end sent. The correlation id finds the line of its log that tells more. */
export class RemoteError extends ScramError {
  readonly correlationId: string;

  constructor(wire: WireError) {
    super(wire.code, wire.message, {
      retryable: wire.retryable,
      ...(wire.action === null ? {} : { action: wire.action }),
    });
    this.name = 'RemoteError';
    this.correlationId = wire.correlationId;
  }
}

/** Whatever was thrown, as the one error class that the page shows. */
export function toScramError(thrown: unknown): ScramError {
  if (thrown instanceof ScramError) return thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return new ScramError('internal', words, { cause: thrown });
}

export function correlationIdOf(error: ScramError): string | null {
  return error instanceof RemoteError ? error.correlationId : null;
}

export function lostConnection(): ScramError {
  return new ScramError('unreachable', 'The connection to the console was lost before it answered.', {
    action: 'Wait until it is back, then look at the present state before trying again.',
  });
}
