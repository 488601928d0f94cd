import { hash } from 'node:crypto';
import { isJsonObject, type JsonValue } from '../../../../shared/model/json.ts';

/** SHA-256 of a provider's object, whatever the order of its fields: equal exactly when the objects are. */
export function revisionOfJson(value: JsonValue): string {
  return hash('sha256', JSON.stringify(sorted(value)));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}
