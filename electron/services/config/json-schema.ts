import { z } from 'zod';
import { configSchema } from '../../../shared/model/config/index.ts';

/** The JSON Schema of `scram.yaml` for editors, generated from the model that also checks the file. */
export function configJsonSchema(): string {
  return `${JSON.stringify(generate(), null, 2)}\n`;
}

const nodeSchema: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), nodeSchema).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    items: nodeSchema.optional(),
    oneOf: z.array(nodeSchema).optional(),
    anyOf: z.array(nodeSchema).optional(),
    const: z.unknown().optional(),
    description: z.string().optional(),
  }),
);

/** The part of JSON Schema that the configuration's own schema uses. */
export interface SchemaNode {
  properties?: Record<string, SchemaNode> | undefined;
  additionalProperties?: boolean | SchemaNode | undefined;
  items?: SchemaNode | undefined;
  oneOf?: SchemaNode[] | undefined;
  anyOf?: SchemaNode[] | undefined;
  const?: unknown;
  description?: string | undefined;
}

let tree: SchemaNode | null = null;

/** The same schema to walk through, for names that are known at a place and what is expected there. */
export function configSchemaTree(): SchemaNode {
  tree ??= nodeSchema.parse(generate());
  return tree;
}

function generate(): object {
  return {
    title: 'Scram configuration (scram.yaml)',
    ...z.toJSONSchema(configSchema, { io: 'input' }),
  };
}
