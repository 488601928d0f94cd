import { configSchemaTree, type SchemaNode } from './json-schema.ts';
import { type Path, valueAt } from './locate.ts';

/** Keys that the model knows at `path` of this file, in the order of the model. */
export function knownKeys(raw: unknown, path: Path): string[] {
  return schemasAt(raw, path).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** What the model says of the setting at `path`; null when it says nothing. */
export function describedAs(raw: unknown, path: Path): string | null {
  return schemasAt(raw, path).find((schema) => schema.description !== undefined)?.description ?? null;
}

function schemasAt(raw: unknown, path: Path): SchemaNode[] {
  let schemas = branches(configSchemaTree(), raw);
  for (const [index, part] of path.entries()) {
    const value = valueAt(raw, path.slice(0, index + 1));
    schemas = schemas.flatMap((schema) => {
      const next = typeof part === 'number' ? schema.items : property(schema, String(part));
      return next ? branches(next, value) : [];
    });
  }
  return schemas;
}

function property(schema: SchemaNode, name: string): SchemaNode | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Of a choice by `kind`, the one that the file chose; of any other choice, all. */
function branches(schema: SchemaNode, value: unknown): SchemaNode[] {
  const choices = schema.oneOf ?? schema.anyOf;
  if (!choices) return [schema];
  const kind = valueAt(value, ['kind']);
  const chosen = choices.filter((choice) => kind !== undefined && choice.properties?.kind?.const === kind);
  return chosen.length > 0 ? chosen : choices;
}
