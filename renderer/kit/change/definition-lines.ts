import type { JsonValue } from '../../../shared/model/json.ts';

const STEP = '  ';

/**
 * A provider's definition as lines to be compared: JSON, except that a text of several lines (a file, a document kept
 * as text) stands line by line between `"""`, so that a change in it is seen where it is.
 */
export function definitionLines(value: JsonValue, indent = '', name = '', comma = ''): string[] {
  const lead = `${indent}${name}`;
  if (typeof value === 'string' && value.includes('\n')) {
    const lines = value.replace(/\n$/, '').split(/\r?\n/);
    return [`${lead}"""`, ...lines.map((line) => `${indent}${STEP}${line}`), `${indent}"""${comma}`];
  }
  if (value === null || typeof value !== 'object') return [`${lead}${JSON.stringify(value)}${comma}`];
  const list = Array.isArray(value);
  const parts: readonly (readonly [string, JsonValue])[] = list
    ? value.map((part) => ['', part] as const)
    : Object.entries(value).map(([key, part]) => [`${JSON.stringify(key)}: `, part] as const);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return [`${lead}${open}${close}${comma}`];
  return [
    `${lead}${open}`,
    ...parts.flatMap(([key, part], index) =>
      definitionLines(part, `${indent}${STEP}`, key, index < parts.length - 1 ? ',' : ''),
    ),
    `${indent}${close}${comma}`,
  ];
}
