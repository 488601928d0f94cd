import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configJsonSchema } from '../../../electron/services/config/json-schema.ts';
import { STARTER_CONFIG } from '../../../electron/services/config/starter-texts.ts';

const root = new URL('../../../', import.meta.url);

it('C1: docs/scram.schema.json is current (node scripts/write-schema.ts writes it)', () => {
  expect(readFileSync(new URL('docs/scram.schema.json', root), 'utf8')).toBe(configJsonSchema());
});

it('is a JSON Schema that accepts the starter and refuses a misspelt key', () => {
  const schema = z.fromJSONSchema(JSON.parse(configJsonSchema()));
  const starter: unknown = parse(STARTER_CONFIG);
  expect(schema.safeParse(starter).error?.issues ?? []).toEqual([]);
  expect(schema.safeParse({ ...(starter as object), conections: [] }).success).toBe(false);
  expect(schema.safeParse({ ...(starter as object), version: 2 }).success).toBe(false);
});

it('describes every setting, and the documents speak of every one', () => {
  const docs = ['docs/configuration.md', 'docs/connections.md']
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  const settings = settingsOf(JSON.parse(configJsonSchema()), '');
  expect(settings.length).toBeGreaterThan(40);
  expect(settings.filter((setting) => !setting.described).map((setting) => setting.path)).toEqual([]);
  expect(settings.filter((setting) => !docs.includes(`\`${setting.name}\``)).map((setting) => setting.path)).toEqual(
    [],
  );
});

interface Setting {
  path: string;
  name: string;
  described: boolean;
}

function settingsOf(node: unknown, path: string): Setting[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item) => settingsOf(item, path));
  return Object.entries(node).flatMap(([key, value]) => {
    if (key !== 'properties') return settingsOf(value, path);
    return Object.entries(value as Record<string, { description?: string }>).flatMap(([name, child]) => [
      // The bounds of an objective are described by the objective.
      { path: `${path}.${name}`, name, described: child.description !== undefined || /objective$/.test(path) },
      ...settingsOf(child, `${path}.${name}`),
    ]);
  });
}
