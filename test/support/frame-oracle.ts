import { MAX_REQUEST_BYTES, type RequestFrame } from '../../shared/contract/frames.ts';

/**
 * What a right request looks like, written by hand and without the product's schemas: so that a schema that lets too
 * much through is found out.
 */
const H = 'f'.repeat(64);
const ENV = { environment: 'production' };
const REF = { connection: 'local', key: 'checkout' };

export const VALID_FRAMES: readonly RequestFrame[] = [
  { type: 'listen', id: 'a', op: 'console.watch', input: {} },
  { type: 'call', id: 'a', op: 'console.retryConnection', input: { connection: 'local' } },
  { type: 'call', id: 'a', op: 'console.configSchema', input: {} },
  { type: 'call', id: 'a', op: 'console.initialise', input: { directory: '/tmp/x' } },
  { type: 'listen', id: 'a', op: 'flags.watch', input: ENV },
  { type: 'listen', id: 'a', op: 'flags.watchOne', input: REF },
  { type: 'call', id: 'a', op: 'flags.history', input: REF },
  { type: 'listen', id: 'a', op: 'slis.watch', input: { ...ENV, service: 'checkout', flag: 'f' } },
  { type: 'listen', id: 'a', op: 'now.watch', input: ENV },
  { type: 'call', id: 'a', op: 'changes.preview', input: { action: 'kill', connection: 'local', flag: 'f', ...ENV } },
  { type: 'call', id: 'a', op: 'changes.preview', input: { action: 'undo', change: H } },
  { type: 'call', id: 'a', op: 'changes.propose', input: { preview: H, rationale: 'p99 up' } },
  { type: 'call', id: 'a', op: 'changes.execute', input: { hash: H } },
  { type: 'listen', id: 'a', op: 'changes.watch', input: { hash: H } },
  { type: 'listen', id: 'a', op: 'changes.recent', input: ENV },
  { type: 'call', id: 'a', op: 'ledger.verify', input: {} },
  { type: 'call', id: 'a', op: 'ledger.show', input: { before: 7, sinceMs: 0.5, limit: 1000 } },
  { type: 'cancel', id: 'a' },
];

type Check = (value: unknown) => boolean;
const text =
  (max: number, min = 0): Check =>
  (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max;
const hash: Check = (value) => typeof value === 'string' && value.length === 64 && /^[0-9a-f]+$/.test(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const integer =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;

/** Exactly these keys, each as its check says. */
const shape =
  (fields: Record<string, Check>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if (Object.keys(value).some((key) => !Object.keys(fields).includes(key))) return false;
    return Object.entries(fields).every(([key, check]) =>
      check(Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined),
    );
  };

const nothing = shape({});
const environment = shape({ environment: text(200) });
const ref = shape({ connection: text(200), key: text(500) });
const byHash = shape({ hash });
const kill = shape({ action: (v) => v === 'kill', connection: text(200), flag: text(500), environment: text(200) });
const undo = shape({ action: (v) => v === 'undo', change: hash });

const OPERATIONS = new Map<string, { type: 'call' | 'listen'; input: Check }>([
  ['console.watch', { type: 'listen', input: nothing }],
  ['console.retryConnection', { type: 'call', input: shape({ connection: text(200) }) }],
  ['console.configSchema', { type: 'call', input: nothing }],
  ['console.initialise', { type: 'call', input: shape({ directory: text(4096, 1) }) }],
  ['flags.watch', { type: 'listen', input: environment }],
  ['flags.watchOne', { type: 'listen', input: ref }],
  ['flags.history', { type: 'call', input: ref }],
  [
    'slis.watch',
    {
      type: 'listen',
      input: shape({ environment: text(200), service: optional(text(200)), flag: optional(text(500)) }),
    },
  ],
  ['now.watch', { type: 'listen', input: environment }],
  ['changes.preview', { type: 'call', input: (value) => kill(value) || undo(value) }],
  ['changes.propose', { type: 'call', input: shape({ preview: hash, rationale: text(2000) }) }],
  ['changes.execute', { type: 'call', input: byHash }],
  ['changes.watch', { type: 'listen', input: byHash }],
  ['changes.recent', { type: 'listen', input: environment }],
  ['ledger.verify', { type: 'call', input: nothing }],
  [
    'ledger.show',
    {
      type: 'call',
      input: shape({
        before: optional(integer(1, Number.MAX_SAFE_INTEGER)),
        sinceMs: optional((value) => typeof value === 'number' && Number.isFinite(value)),
        limit: integer(1, 1000),
      }),
    },
  ],
]);

export function isValidRequest(raw: unknown): boolean {
  if (typeof raw !== 'string' || Buffer.byteLength(raw) > MAX_REQUEST_BYTES) return false;
  let frame: unknown;
  try {
    frame = JSON.parse(raw);
  } catch {
    return false;
  }
  if (shape({ type: (value) => value === 'cancel', id: text(64, 1) })(frame)) return true;
  const known = shape({ type: text(10), id: text(64, 1), op: text(64, 1), input: (value) => value !== undefined });
  if (!known(frame)) return false;
  const { type, op, input } = frame as { type: string; op: string; input: unknown };
  const operation = OPERATIONS.get(op);
  return operation !== undefined && operation.type === type && operation.input(input);
}
