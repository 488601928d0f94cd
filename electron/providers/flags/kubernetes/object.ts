import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';

/** One step of a JSON Patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: JsonValue;
}

const metadataFields = {
  resourceVersion: z.string(),
  uid: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  annotations: z.record(z.string(), z.string()).optional(),
  managedFields: z.array(z.object({ time: z.string().optional() })).optional(),
};
export const metadataSchema = z.object({ metadata: z.object(metadataFields) });
export type ObjectMetadata = z.infer<typeof metadataSchema>['metadata'];

/** A kind of object that holds a document of flags. */
export interface ObjectKind<T extends { readonly metadata: ObjectMetadata }> {
  /** As RBAC has it. */
  readonly group: string;
  readonly resource: string;
  readonly schema: z.ZodType<T>;
  /** The document's bytes. Throws `not-found` when the object holds none. */
  bytesOf(object: T): Buffer;
  /** Why the cluster takes no change to it; null when it does. */
  readOnly(object: T): string | null;
  /** What makes the second document of the first, by the least of changes. */
  patch(before: Buffer, after: Buffer): PatchStep[];
  /** The text of a definition as the cluster will give it back. */
  stored?(definition: string): string;
}

const configMapSchema = z.object({
  metadata: z.object(metadataFields),
  data: z.record(z.string(), z.string()).optional(),
  binaryData: z.record(z.string(), z.string()).optional(),
  immutable: z.boolean().optional(),
});

/** Source: Kubernetes API reference, ConfigMap v1 core. */
export function configMapKind(name: string, key: string): ObjectKind<z.infer<typeof configMapSchema>> {
  return {
    group: '',
    resource: 'configmaps',
    schema: configMapSchema,
    bytesOf({ data = {}, binaryData = {} }) {
      const text = Object.hasOwn(data, key) ? data[key] : undefined;
      if (text !== undefined) return Buffer.from(text, 'utf8');
      const keys = Object.keys(data).join(', ') || 'none';
      const where = Object.hasOwn(binaryData, key) ? 'as binaryData, not as data' : `; its keys: ${keys}`;
      throw new ScramError('not-found', `ConfigMap ${name} does not hold ${key} ${where}`.replace(' ;', ';'), {
        action: 'Correct key in scram.yaml, or put the flag file into the ConfigMap.',
      });
    },
    readOnly: ({ immutable }) =>
      immutable ? `ConfigMap ${name} is immutable: the cluster takes no change to it` : null,
    patch: (_, after) => [{ op: 'replace', path: `/data/${escaped(key)}`, value: after.toString('utf8') }],
  };
}

const featureFlagSchema = z.object({
  metadata: z.object(metadataFields),
  spec: z.object({ flagSpec: z.record(z.string(), z.json()).default({}) }),
});

/**
 * flagd's FeatureFlag, presented as flagd's JSON file. The cluster keeps values and no text, so the text is one normal
 * form: fields in order of their names, two spaces. Source: open-feature-operator, FeatureFlag v1beta1.
 */
export const FEATURE_FLAG_KIND: ObjectKind<z.infer<typeof featureFlagSchema>> = {
  group: 'core.openfeature.dev',
  resource: 'featureflags',
  schema: featureFlagSchema,
  bytesOf: ({ spec }) => Buffer.from(normalText({ flags: {}, ...spec.flagSpec }), 'utf8'),
  readOnly: () => null,
  patch(before, after) {
    const from = flagsOf(before);
    return Object.entries(flagsOf(after)).flatMap(([key, definition]) => stepsOf(key, from[key] ?? {}, definition));
  },
  stored: (definition) => normalText(JSON.parse(definition)).replaceAll('\n', `\n${' '.repeat(4)}`),
};

/** Names the members that differ, so that no other value goes through this process and back. */
function stepsOf(key: string, from: JsonObject, to: JsonObject): PatchStep[] {
  const at = (name: string) => `/spec/flagSpec/flags/${escaped(key)}/${escaped(name)}`;
  const removed = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  const others = Object.entries(to).filter(([name, value]) => !isDeepStrictEqual(from[name], value));
  return [
    ...removed.map((name): PatchStep => ({ op: 'remove', path: at(name) })),
    // Adding a member that is there replaces it.
    ...others.map(([name, value]): PatchStep => ({ op: 'add', path: at(name), value })),
  ];
}

function flagsOf(bytes: Buffer): Record<string, JsonObject> {
  return (JSON.parse(bytes.toString('utf8')) as { flags: Record<string, JsonObject> }).flags;
}

function normalText(value: JsonValue): string {
  return JSON.stringify(inOrder(value), null, 2);
}

function inOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isJsonObject(value)) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, part]) => [name, inOrder(part)]));
}

/** A part of a JSON pointer (RFC 6901). */
export function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
