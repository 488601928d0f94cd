import { z } from 'zod';

/** Every error that crosses the contract has one of these codes. */
export const errorCodeSchema = z.enum([
  'invalid-frame',
  'unknown-operation',
  'forbidden',
  'locked',
  'invalid-input',
  'not-found',
  'conflict',
  'refused',
  'approval-required',
  'expired',
  'unreachable',
  'timeout',
  'provider',
  'credential',
  'config-invalid',
  'ledger',
  'too-large',
  'rate-limited',
  'busy',
  'cancelled',
  'gap',
  'internal',
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** What happened, whether trying again can help, and what to do next (H3). */
export const wireErrorSchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  /** What to do next, in words; null when the message says it all. */
  action: z.string().nullable(),
  correlationId: z.string(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['unreachable', 'timeout', 'busy', 'gap', 'rate-limited']);

/** The one error class of the product's own failures; `cause` keeps what lay beneath, and never crosses to the page. */
export class ScramError extends Error {
  readonly code: ErrorCode;
  readonly action: string | null;
  readonly retryable: boolean;
  /** Time after which the other side says that trying again can help, milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { action?: string; cause?: unknown; retryable?: boolean; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ScramError';
    this.code = code;
    this.action = options.action ?? null;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
