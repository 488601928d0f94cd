import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';

/** RFC 8785. Throws `internal` on what JSON cannot carry: NaN, infinities, lone surrogates. */
export function canonicalText(value: unknown): string {
  try {
    const text = canonicalize(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw new ScramError('internal', `an entry cannot be written as JSON: ${(cause as Error).message}`, { cause });
  }
  throw new ScramError('internal', 'an entry cannot be written as JSON');
}

export function sha256Hex(text: string | Uint8Array): string {
  return hash('sha256', text, 'hex');
}

/**
 * Parses text that must be canonical; null when it is not JSON or not in its one canonical form. ECMAScript's own
 * serialisation is RFC 8785 but for the order of keys, so the slow way is only taken when the quick one cannot tell:
 * keys that look like array indexes, and escapes that may be lone surrogates.
 */
export function parseCanonical(text: string): JsonValue | null {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
  if (!text.includes('\\ud') && keysSorted(value) && JSON.stringify(value) === text) return value;
  try {
    return canonicalize(value) === text ? value : null;
  } catch {
    return null;
  }
}

function keysSorted(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(keysSorted);
  let before: string | null = null;
  for (const key of Object.keys(value)) {
    if (before !== null && key <= before) return false;
    before = key;
    const inner = value[key];
    if (typeof inner === 'object' && !keysSorted(inner)) return false;
  }
  return true;
}
