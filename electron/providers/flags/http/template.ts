import type { Placeholder } from '../../../../shared/model/config/connections/http.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import { escapeToken } from './pointer.ts';

/** What the placeholders of one request stand for; one that is absent stays as it is written. */
export type Values = { readonly [K in Placeholder]?: JsonValue };

const WORD = /\$(flag|environment|value|percentage|reason|revision|cursor)\b/g;
const ALONE = /^\$(flag|environment|value|percentage|reason|revision|cursor)$/;

export interface RequestTemplate {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonValue | undefined;
}

const textOf = (value: JsonValue): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** Exchanges each placeholder once: what stands in its value is not looked at again. */
function replace(text: string, values: Values, encode: (text: string) => string): string {
  return text.replace(WORD, (written, word: Placeholder) => {
    const value = values[word];
    return value === undefined ? written : encode(textOf(value));
  });
}

/** Throws `refused` for a value that would lead the path elsewhere. */
function pathPart(text: string): string {
  if (text === '.' || text === '..') {
    throw new ScramError('refused', `"${text}" cannot stand in a path: it would lead to another address`);
  }
  return encodeURIComponent(text);
}

/** A header holds printable ASCII alone; a line break in it would begin another header. */
const headerText = (text: string): string =>
  text.replace(/[^\x20-\x7e]+/gu, (other) => encodeURIComponent(other.toWellFormed()));

export const fillPath = (path: string, values: Values): string => replace(path, values, pathPart);

export const fillPointer = (pointer: string, values: Values): string => replace(pointer, values, escapeToken);

/** By structure: a text that is one placeholder alone becomes its value, whatever its type. */
export function fillBody(body: JsonValue, values: Values): JsonValue {
  if (typeof body === 'string') {
    const word = ALONE.exec(body)?.[1] as Placeholder | undefined;
    const value = word === undefined ? undefined : values[word];
    return value === undefined ? replace(body, values, (text) => text) : value;
  }
  if (Array.isArray(body)) return body.map((part) => fillBody(part, values));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, part]) => [replace(name, values, (text) => text), fillBody(part, values)]),
  );
}

/** The request as it goes out. */
export function fill({ path, headers, body }: RequestTemplate, values: Values) {
  return {
    path: fillPath(path, values),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, replace(text, values, headerText)]),
    ),
    json: body === undefined ? undefined : fillBody(body, values),
  };
}
