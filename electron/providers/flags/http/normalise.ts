import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { HttpConnectionConfig } from '../../../../shared/model/config/connections/http.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState, Variant } from '../../../../shared/model/flag.ts';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';
import { typeByName } from '../../../../shared/rules/naming.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { lookUp, valueAt } from './pointer.ts';
import { fillPointer, type Values } from './template.ts';

/** What a write sets, and a change keeps: the value, and the share of users where the mapping has one. */
export const definitionSchema = z.strictObject({ value: z.json(), percentage: z.number().min(0).max(100).nullable() });
export type Definition = z.infer<typeof definitionSchema>;

export type Mapping = Pick<HttpConnectionConfig, 'flag' | 'on' | 'off'>;

export interface Place {
  readonly environment: string;
  readonly providerEnvironment: string;
  /** The service, for errors. */
  readonly name: string;
}

/** Where a key is not mapped it is known from the request, or from the list's own keys. */
export interface Item {
  readonly key: string;
  readonly item: JsonValue;
}

export interface ReadFlag {
  readonly flag: ProviderFlag;
  /** As the service tells it, for `$revision`; null where it is not mapped. */
  readonly revision: JsonValue;
}

/** The pointers of the mapping as they are for one flag of one environment. */
export function pointersOf({ flag }: Mapping, values: Values): Mapping['flag'] {
  const filled = Object.entries(flag).flatMap(([name, pointer]) =>
    pointer === undefined ? [] : [[name, fillPointer(pointer, values)] as const],
  );
  return { ...flag, ...Object.fromEntries(filled) };
}

export function normalise({ key, item }: Item, mapping: Mapping, hints: FlagHints, place: Place): ReadFlag {
  const at = pointersOf(mapping, { flag: key, environment: place.providerEnvironment });
  const must = (pointer: string): JsonValue => {
    const found = lookUp(item, pointer);
    if ('value' in found) return found.value;
    throw misfit(place, key, found.problem);
  };
  const definition: Definition = { value: must(at.value), percentage: percentageOf(item, at.percentage, key, place) };
  const names = namesOf(definition.value, mapping);
  const safe = safeValue(definition.value, mapping, hints);
  const state = stateOf(definition, mapping, hints);
  return {
    revision: at.revision === undefined ? null : must(at.revision),
    flag: {
      key,
      environment: place.environment,
      providerEnvironment: place.providerEnvironment,
      state,
      variants: names,
      safeDefault: safe === undefined ? null : nameOf(safe),
      description: wordsAt(item, at.description),
      type: typeByName(key),
      owner: wordsAt(item, at.owner),
      tags: [],
      stale: false,
      lastSeenAtMs: null,
      changedAtMs: timeAt(item, at.changedAt),
      changedBy: wordsAt(item, at.changedBy),
      definition: { value: definition.value, percentage: definition.percentage } satisfies JsonObject,
    },
  };
}

export function misfit({ name }: Pick<Place, 'name'>, key: string, problem: string): ScramError {
  return new ScramError('provider', `${name}: flag ${key} does not fit its mapping: ${problem}`, {
    action: "Check the connection's flag mapping in scram.yaml; scram check --probe shows every field.",
  });
}

/** A value by the text that people know it by. */
export function nameOf(value: JsonValue): string {
  const text = typeof value === 'string' ? value : (canonicalize(value) ?? 'null');
  if (text.length <= 100 && !/\p{Cc}/u.test(text)) return text;
  return `${text.replace(/\p{Cc}+/gu, ' ').slice(0, 40)}… (${hash('sha256', text).slice(0, 8)})`;
}

const isOne = (value: JsonValue, { on, off }: Mapping): boolean =>
  isDeepStrictEqual(value, on) || isDeepStrictEqual(value, off);

function namesOf(value: JsonValue, mapping: Mapping): Variant[] {
  const { on, off } = mapping;
  if (!isOne(value, mapping)) return [{ name: nameOf(value), value }];
  return [
    { name: nameOf(on), value: on },
    { name: nameOf(off), value: off },
  ];
}

/**
 * What a kill writes; undefined when it cannot be told. A configured one counts when it is on or off, or when the flag
 * holds neither: a slip must never write what no service understands.
 */
export function safeValue(
  value: JsonValue,
  mapping: Mapping,
  { safeDefault, polarity }: FlagHints,
): JsonValue | undefined {
  const { on, off } = mapping;
  if (safeDefault !== null) {
    const known = [on, off].find((one) => nameOf(one) === safeDefault);
    if (known !== undefined || isOne(value, mapping)) return known;
    return typeof value === 'string' ? safeDefault : parsed(safeDefault);
  }
  if (!isOne(value, mapping)) return undefined;
  return polarity === 'disables' ? on : off;
}

/** A configured default of a flag whose values are no texts: the JSON that it is written as. */
function parsed(text: string): JsonValue | undefined {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function stateOf(definition: Definition, mapping: Mapping, hints: FlagHints): FlagState {
  const { value, percentage } = definition;
  const safe = safeValue(value, mapping, hints);
  const rest = {
    serves: nameOf(value),
    targeting: null,
    offMeaning: 'off-value' as const,
    killed: false,
    revision: hash('sha256', canonicalize(definition) ?? ''),
  };
  if (safe !== undefined && isDeepStrictEqual(value, safe)) {
    return { ...rest, exposure: 'nobody', percentage: 0, killed: true };
  }
  if (safe === undefined || !isOne(value, mapping)) return { ...rest, exposure: 'unknown', percentage: null };
  if (percentage === null || percentage === 100) return { ...rest, exposure: 'everyone', percentage: 100 };
  return {
    ...rest,
    targeting: `${percentage} % of users`,
    exposure: percentage === 0 ? 'nobody' : 'some',
    percentage,
  };
}

function percentageOf(item: JsonValue, pointer: string | undefined, key: string, place: Place): number | null {
  const value = valueAt(item, pointer);
  if (value === null) return null;
  if (typeof value === 'number' && value >= 0 && value <= 100) return value;
  throw misfit(place, key, `${pointer}: expected a number from 0 to 100`);
}

function wordsAt(item: JsonValue, pointer: string | undefined): string | null {
  const value = valueAt(item, pointer);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Later than this a number is milliseconds: seconds would be the year 5138. */
const SECONDS_BELOW = 1e11;

export function timeAt(item: JsonValue, pointer: string | undefined): number | null {
  const value = valueAt(item, pointer);
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : null;
  if (number !== null) return Math.round(number < SECONDS_BELOW ? number * 1000 : number);
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
