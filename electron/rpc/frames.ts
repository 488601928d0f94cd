import { MAX_REQUEST_BYTES, type RequestFrame, requestFrameSchema } from '../../shared/contract/frames.ts';
import { ScramError } from '../../shared/model/error.ts';

/** Deepest nesting of a request. The contract needs a handful; a parser's stack must never decide. */
const MAX_DEPTH = 32;
const MAX_ID = 64;

/** A request as read, or why it could not be; `id` is the caller's where one could be told, else empty. */
export type FrameRead = { ok: true; frame: RequestFrame } | { ok: false; id: string; error: ScramError };

/** Reads one request frame: JSON text on every transport. Never throws. */
export function readFrame(raw: unknown): FrameRead {
  if (typeof raw !== 'string') return refuse('', 'invalid-frame', 'a frame is JSON text');
  if (raw.length > MAX_REQUEST_BYTES || Buffer.byteLength(raw) > MAX_REQUEST_BYTES) {
    return refuse('', 'too-large', `a frame has at most ${MAX_REQUEST_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return refuse('', 'invalid-frame', 'the frame is not JSON');
  }
  const id = idOf(value);
  const problem = structureProblem(value);
  if (problem !== null) return refuse(id, 'invalid-frame', problem);
  const parsed = requestFrameSchema.safeParse(value);
  if (!parsed.success) return refuse(id, 'invalid-frame', `not a request: ${describeIssues(parsed.error.issues)}`);
  return { ok: true, frame: parsed.data };
}

/** Where and why a value does not fit, without the value itself. */
export function describeIssues(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const lines = issues.slice(0, 5).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
  });
  if (issues.length > lines.length) lines.push(`and ${issues.length - lines.length} more`);
  return lines.join('; ').slice(0, 1000);
}

function refuse(id: string, code: 'invalid-frame' | 'too-large', message: string): FrameRead {
  return { ok: false, id, error: new ScramError(code, message) };
}

function idOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return '';
  const id: unknown = Reflect.get(value, 'id');
  return typeof id === 'string' && id.length <= MAX_ID ? id : '';
}

/** Walks without recursion, so that no nesting can exhaust the stack. `__proto__` as a key never means well. */
function structureProblem(root: unknown): string | null {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item.value !== 'object' || item.value === null) continue;
    if (item.depth >= MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
    if (Object.hasOwn(item.value, '__proto__')) return 'a key named __proto__';
    for (const value of Object.values(item.value)) open.push({ value, depth: item.depth + 1 });
  }
  return null;
}
