import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState, Variant } from '../../../../shared/model/flag.ts';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';
import { typeByName } from '../../../../shared/rules/naming.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';

/** The texts that mean on and off in this store. */
export interface OnOff {
  readonly on: string;
  readonly off: string;
}

/** Where a flag was read. */
export interface Place {
  readonly key: string;
  readonly environment: string;
  readonly prefix: string;
}

/** What a change keeps of a value: its text, or its bytes when it is none. */
const definitionSchema = z.union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.base64() })]);

export function definitionOf(bytes: Buffer): JsonObject {
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}

/** Throws `refused` for the definition of another kind of connection. */
export function bytesOf(definition: JsonValue, key: string): Buffer {
  const read = definitionSchema.safeParse(definition);
  if (!read.success) {
    throw new ScramError('refused', `the kept value of ${key} is not one of a key-value store`);
  }
  return 'text' in read.data ? Buffer.from(read.data.text, 'utf8') : Buffer.from(read.data.base64, 'base64');
}

/** The same bytes are the same state, however often they are written (B2). */
export function revisionOf(bytes: Buffer): string {
  return hash('sha256', bytes);
}

/** What a value is called: its own text, cut to a line that can be shown; two different ones never share a name. */
export function nameOf(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : null;
  if (text !== null && text.length <= 100 && !/\p{Cc}/u.test(text)) return text;
  const start = text?.replace(/\p{Cc}+/gu, ' ').slice(0, 40) ?? `${bytes.length} bytes`;
  return `${start}… (${revisionOf(bytes).slice(0, 8)})`;
}

/**
 * The text that a kill writes; null when it cannot be told. A configured one counts when it is one of the two that mean
 * on and off, or when the flag does not hold on or off at all: a slip must never write what no service understands.
 */
export function safeText(bytes: Buffer, { on, off }: OnOff, hints: FlagHints): string | null {
  const name = nameOf(bytes);
  const isBoolean = name === on || name === off;
  const { safeDefault, polarity } = hints;
  if (safeDefault !== null) {
    return !isBoolean || safeDefault === on || safeDefault === off ? safeDefault : null;
  }
  if (!isBoolean) return null;
  return polarity === 'disables' ? on : off;
}

export function stateOf(bytes: Buffer, values: OnOff, hints: FlagHints): FlagState {
  const serves = nameOf(bytes);
  const safe = safeText(bytes, values, hints);
  const rest = { serves, targeting: null, offMeaning: 'off-value', revision: revisionOf(bytes) } as const;
  // Compared as bytes: a long value's name is not its text.
  if (safe !== null && bytes.equals(Buffer.from(safe))) {
    return { ...rest, exposure: 'nobody', percentage: 0, killed: true };
  }
  if (safe !== null && (serves === values.on || serves === values.off)) {
    return { ...rest, exposure: 'everyone', percentage: 100, killed: false };
  }
  return { ...rest, exposure: 'unknown', percentage: null, killed: false };
}

export function normalise(bytes: Buffer, values: OnOff, hints: FlagHints, place: Place): ProviderFlag {
  const { key, environment, prefix } = place;
  const state = stateOf(bytes, values, hints);
  const safeDefault = safeText(bytes, values, hints);
  return {
    key,
    environment,
    providerEnvironment: prefix,
    state,
    variants: variantsOf(state.serves ?? '', safeDefault, values),
    safeDefault,
    description: null,
    type: typeByName(key),
    owner: null,
    tags: [],
    stale: false,
    lastSeenAtMs: null,
    changedAtMs: null,
    changedBy: null,
    definition: definitionOf(bytes),
  };
}

function variantsOf(serves: string, safe: string | null, { on, off }: OnOff): Variant[] {
  if (serves === on || serves === off) {
    return [
      { name: on, value: true },
      { name: off, value: false },
    ];
  }
  return [...new Set([serves, ...(safe === null ? [] : [safe])])].map((name) => ({ name, value: name }));
}
