import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { Fault } from '../document/text/flag-file.ts';

/**
 * What flagd's in-process evaluator asks of a definition: it refuses the whole file when one flag does not fit
 * (`@openfeature/flagd-core` 4.0.1; a test compares the two). Unknown fields pass.
 */
const definitionSchema = z.looseObject({
  state: z.enum(['ENABLED', 'DISABLED'], { error: 'expected ENABLED or DISABLED' }),
  variants: z.record(z.string(), z.unknown(), { error: 'expected a map of variants' }),
  defaultVariant: z.string({ error: 'expected the name of a variant, or null' }).nullish(),
  targeting: z.record(z.string(), z.unknown(), { error: 'expected a rule (a map), or no targeting' }).nullish(),
  metadata: z.record(z.string(), z.unknown(), { error: 'expected a map' }).nullish(),
});

const rootSchema = z.looseObject({
  flags: z.record(z.string(), z.unknown(), {
    error: ({ input }) =>
      Array.isArray(input)
        ? 'expected a map of flags by key: the list form is not read by the in-process evaluator'
        : 'expected a map of flags by key',
  }),
  $evaluators: z.record(z.string(), z.unknown(), { error: 'expected a map of rules by name' }).nullish(),
  metadata: z.record(z.string(), z.unknown(), { error: 'expected a map' }).nullish(),
});

function firstFault(error: z.ZodError): Fault {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)));
  return { path, message: issue?.message ?? 'not what flagd accepts' };
}

export function checkRoot(root: unknown): Fault | null {
  const read = rootSchema.safeParse(root);
  return read.success ? null : firstFault(read.error);
}

/** The plain good case, without the copies that a schema makes: 50,000 definitions are read at a start (H4). */
function isPlainlyGood(definition: unknown): boolean {
  if (!isJsonObject(definition)) return false;
  const { state, variants, defaultVariant, targeting, metadata } = definition;
  return (
    (state === 'ENABLED' || state === 'DISABLED') &&
    isJsonObject(variants) &&
    typeof defaultVariant === 'string' &&
    Object.hasOwn(variants, defaultVariant) &&
    (targeting === undefined || isJsonObject(targeting)) &&
    (metadata === undefined || isJsonObject(metadata))
  );
}

/** The first fault of one definition, its path starting within it; null when flagd accepts it. */
export function checkDefinition(definition: unknown): Fault | null {
  if (isPlainlyGood(definition)) return null;
  const read = definitionSchema.safeParse(definition);
  if (!read.success) {
    const fault = firstFault(read.error);
    const value = fault.path.length === 1 ? fieldOf(definition, fault.path[0]) : undefined;
    return { path: fault.path, message: value === undefined ? fault.message : `${fault.message}, found ${value}` };
  }
  const { defaultVariant, variants } = read.data;
  if (defaultVariant && !Object.hasOwn(variants, defaultVariant)) {
    const known = Object.keys(variants).join(', ') || 'none';
    return { path: ['defaultVariant'], message: `expected one of the variants (${known}), found "${defaultVariant}"` };
  }
  return null;
}

function fieldOf(definition: unknown, field: string | number | undefined): string | undefined {
  if (!isJsonObject(definition) || field === undefined) return undefined;
  const text = JSON.stringify(definition[field]);
  return text === undefined || text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/** The fields that decide what is served, read leniently from a definition that `checkDefinition` accepted. */
export interface Serving {
  readonly enabled: boolean;
  readonly variants: JsonObject;
  /** Null: the code's own default is served where no rule matches. An empty name counts as none, as in flagd. */
  readonly defaultVariant: string | null;
  /** Null when there are no rules; an empty rule is none. */
  readonly targeting: JsonObject | null;
}

export function servingOf(definition: JsonObject): Serving {
  const { state, variants, defaultVariant, targeting } = definition;
  return {
    enabled: state === 'ENABLED',
    variants: isJsonObject(variants) ? variants : {},
    defaultVariant: typeof defaultVariant === 'string' && defaultVariant !== '' ? defaultVariant : null,
    targeting: isJsonObject(targeting) && Object.keys(targeting).length > 0 ? targeting : null,
  };
}

/** What a kill is to leave behind (B16): everything as it was, but for the three fields that decide what is served. */
export function killedDefinition(definition: JsonObject, variant: string): JsonObject {
  const kept: [string, JsonValue][] = Object.entries(definition).filter(([name]) => name !== 'targeting');
  return { ...Object.fromEntries(kept), state: 'ENABLED', defaultVariant: variant };
}
