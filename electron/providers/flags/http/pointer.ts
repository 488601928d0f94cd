import type { JsonValue } from '../../../../shared/model/json.ts';

export type Found = { readonly value: JsonValue } | { readonly problem: string };

const INDEX = /^(?:0|[1-9]\d*)$/;
const MOST_KEYS = 8;

/** The value that a JSON pointer (RFC 6901) names, or in words what is there instead. */
export function lookUp(document: JsonValue, pointer: string): Found {
  if (pointer === '') return { value: document };
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  let here = document;
  let path = '';
  for (const [depth, token] of tokens.entries()) {
    const next = memberOf(here, token);
    if (next === undefined)
      return { problem: `nothing at ${pointer}: ${path === '' ? '' : `at ${path} `}${describe(here)}` };
    here = next;
    path = `/${pointer
      .slice(1)
      .split('/')
      .slice(0, depth + 1)
      .join('/')}`;
  }
  return { value: here };
}

/** The value, or null where there is none. */
export function valueAt(document: JsonValue, pointer: string | undefined): JsonValue {
  if (pointer === undefined) return null;
  const found = lookUp(document, pointer);
  return 'value' in found ? found.value : null;
}

/** A name as a token of a pointer. */
export const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');

function memberOf(value: JsonValue, token: string): JsonValue | undefined {
  if (Array.isArray(value)) return INDEX.test(token) ? value[Number(token)] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, token) ? value[token] : undefined;
}

/** What a value is, in words: never the value itself, which may be a secret. */
export function describe(value: JsonValue): string {
  if (Array.isArray(value)) return `there is a list of ${value.length}`;
  if (value === null) return 'there is null';
  if (typeof value !== 'object') return `there is a ${typeof value === 'string' ? 'text' : typeof value}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'there is an empty object';
  const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : '';
  return `there are the keys ${keys.slice(0, MOST_KEYS).join(', ')}${more}`;
}
