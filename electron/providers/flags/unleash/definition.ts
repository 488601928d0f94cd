import { hash } from 'node:crypto';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, jsonValueSchema, type JsonValue } from '../../../../shared/model/json.ts';
import { type DependencyAnswer, objectsOf, type StrategyAnswer } from './answers.ts';

/**
 * A strategy as far as it decides who gets the flag. Ids and sort numbers are the server's own affair: it gives a new id
 * to a strategy that is put back, and only the order of the numbers counts. A title that was cleared is empty there and
 * none for everyone.
 */
const strategyDefinitionSchema = z.strictObject({
  name: z.string(),
  title: z.string().nullable(),
  disabled: z.boolean(),
  parameters: z.record(z.string(), jsonValueSchema),
  constraints: z.array(z.record(z.string(), jsonValueSchema)),
  variants: z.array(z.record(z.string(), jsonValueSchema)),
  segments: z.array(z.number()),
});
export type Strategy = z.infer<typeof strategyDefinitionSchema>;

const dependencyDefinitionSchema = z.strictObject({
  feature: z.string(),
  enabled: z.boolean(),
  variants: z.array(z.string()),
});

/** What Unleash holds of one flag in one environment: everything that decides who gets it. */
export const definitionSchema = z.strictObject({
  enabled: z.boolean(),
  /** In the order in which they count: the first that matches gives its variant. */
  strategies: z.array(strategyDefinitionSchema),
  /** Variants of the environment, from before strategies had their own. */
  variants: z.array(z.record(z.string(), jsonValueSchema)),
  /** Flags that must be on (or off) for this one to be on, in every environment. */
  dependencies: z.array(dependencyDefinitionSchema),
  /** Flags that depend on this one. They are no part of its revision. */
  children: z.array(z.string()),
});
export type Definition = z.infer<typeof definitionSchema>;

export function strategyOf(answer: StrategyAnswer): Strategy {
  return {
    name: answer.name,
    title: answer.title ? answer.title : null,
    disabled: answer.disabled ?? false,
    parameters: answer.parameters ?? {},
    constraints: objectsOf(answer.constraints),
    variants: objectsOf(answer.variants),
    segments: [...(answer.segments ?? [])].sort((a, b) => a - b),
  };
}

/** In the order in which they count. */
export function inOrder<S extends Pick<StrategyAnswer, 'sortOrder'>>(strategies: readonly S[]): S[] {
  return [...strategies].sort((a, b) => (a.sortOrder ?? 0) - (b.sortOrder ?? 0));
}

export function dependenciesOf(answers: readonly DependencyAnswer[] | null | undefined): Definition['dependencies'] {
  return (answers ?? [])
    .map(({ feature, enabled, variants }) => ({ feature, enabled: enabled ?? true, variants: [...(variants ?? [])] }))
    .sort((a, b) => (a.feature < b.feature ? -1 : 1));
}

/** SHA-256 of everything that decides who gets the flag, whatever the order of the members in their objects. */
export function revisionOf({ enabled, strategies, variants, dependencies }: Definition): string {
  const deciding = strategies.map(({ name, title, disabled, parameters, constraints, variants: own, segments }) => [
    name,
    title,
    disabled,
    sorted(parameters),
    constraints.map(sorted),
    own.map(sorted),
    segments,
  ]);
  const parents = dependencies.map((parent) => [parent.feature, parent.enabled, parent.variants]);
  return hash('sha256', JSON.stringify([enabled, deciding, variants.map(sorted), parents]));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key] ?? null)]);
}

/** Throws `refused` when it is not one that this provider kept. */
export function readDefinition(definition: JsonValue, key: string): Definition {
  const read = definitionSchema.safeParse(definition);
  if (read.success) return read.data;
  throw new ScramError('refused', `the kept definition of ${key} is not one of an Unleash connection`);
}
