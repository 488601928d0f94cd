import { type Document, isScalar, visit } from 'yaml';
import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { Fault, Grammar } from '../document/text/flag-file.ts';

/** Source of everything here: GO Feature Flag's flag format (create-flags) and its `modules/core/flag`. */

const ruleSchema = z.looseObject({
  name: z.string().nullish(),
  query: z.string({ error: 'expected a query, a text' }).nullish(),
  variation: z.string({ error: 'expected the name of a variation' }).nullish(),
  percentage: z.record(z.string(), z.number(), { error: 'expected a share by variation' }).nullish(),
  progressiveRollout: z.record(z.string(), z.json(), { error: 'expected initial and end' }).nullish(),
  disable: z.boolean({ error: 'expected true or false' }).nullish(),
});
export type Rule = z.infer<typeof ruleSchema>;

/** What the file's reader demands; a file with one flag that does not fit is refused whole. */
const definitionSchema = z.looseObject({
  variations: z.record(z.string(), z.json(), { error: 'expected a map of variations' }).nullish(),
  targeting: z.array(ruleSchema, { error: 'expected a list of rules' }).nullish(),
  defaultRule: ruleSchema.nullish(),
  disable: z.boolean({ error: 'expected true or false' }).nullish(),
  scheduledRollout: z
    .array(z.record(z.string(), z.json(), { error: 'expected a step' }), { error: 'expected a list of steps' })
    .nullish(),
  experimentation: z.record(z.string(), z.json(), { error: 'expected start and end' }).nullish(),
  bucketingKey: z.string({ error: 'expected the name of a field' }).nullish(),
  metadata: z.record(z.string(), z.json(), { error: 'expected a map' }).nullish(),
});
export type Definition = z.infer<typeof definitionSchema>;

function checkDefinition(definition: unknown): Fault | null {
  const read = definitionSchema.safeParse(definition);
  const issue = read.error?.issues[0];
  if (issue === undefined) return null;
  return { path: issue.path.map((part) => (typeof part === 'number' ? part : String(part))), message: issue.message };
}

export const GOFF_GRAMMAR: Grammar = {
  flagsIn: null,
  refusal: 'GO Feature Flag refuses it whole and keeps its last good one',
  empty: '{}',
  readYaml,
  checkRoot: (root) =>
    isJsonObject(root) ? null : { path: [], message: 'expected a map of flags by key, as GO Feature Flag has it' },
  checkDefinition,
};

/** A definition that the grammar accepted. */
export function readDefinition(definition: JsonObject): Definition {
  return definitionSchema.parse(definition);
}

/** Names are texts to its reader whatever they look like: `variation: True` names the variation `True`. */
function readYaml(document: Document): void {
  const TEXTS = new Set(['variation', 'name', 'query', 'bucketingKey', 'version']);
  visit(document, {
    Pair(_, pair) {
      const { key, value } = pair;
      if (isScalar(key) && typeof key.value !== 'string' && key.source !== undefined && key.value !== null) {
        // The key of a merge is a symbol.
        if (typeof key.value !== 'symbol') key.value = key.source;
      }
      if (!isScalar(key) || !TEXTS.has(String(key.value)) || !isScalar(value)) return;
      if (typeof value.value === 'boolean' || typeof value.value === 'number') value.value = value.source;
    },
  });
}

const kindOf = (value: JsonValue): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** Why GO Feature Flag drops the flag, so that services get their code's default; null when it does not. */
export function invalidity(definition: Definition): string | null {
  const variations = definition.variations ?? {};
  const values = Object.entries(variations);
  const first = values[0];
  if (first === undefined) return 'no variation available';
  for (const [name, value] of values) {
    if (value === null) return `variation ${name} has no value`;
    if (kindOf(value) !== kindOf(first[1])) return 'the variations are not all of one type';
  }
  if (!definition.defaultRule) return 'missing defaultRule';
  const fault = ruleInvalidity(definition.defaultRule, variations);
  if (fault !== null) return `defaultRule: ${fault}`;
  const names = new Set<string>();
  for (const rule of definition.targeting ?? []) {
    if (rule.disable === true) continue;
    const problem = rule.query == null ? 'a rule without a query' : ruleInvalidity(rule, variations);
    if (problem !== null) return `targeting: ${problem}`;
    if (rule.name && names.has(rule.name)) return `targeting: two rules are named ${rule.name}`;
    names.add(rule.name ?? '');
  }
  return null;
}

function ruleInvalidity(rule: Rule, variations: JsonObject): string | null {
  const { percentage, progressiveRollout, variation } = rule;
  if (percentage == null && progressiveRollout == null && variation == null) return 'it gives no variation';
  if (percentage != null) {
    const shares = Object.entries(percentage);
    const unknown = shares.find(([name]) => !Object.hasOwn(variations, name));
    if (unknown !== undefined) return `there is no variation ${unknown[0]}`;
    if (shares.reduce((sum, [, share]) => sum + share, 0) === 0) return 'the percentages add up to 0';
  }
  if (progressiveRollout != null) return progressiveInvalidity(progressiveRollout, variations);
  if (percentage == null && variation != null && !Object.hasOwn(variations, variation)) {
    return `there is no variation ${variation}`;
  }
  return null;
}

function progressiveInvalidity(rollout: JsonObject, variations: JsonObject): string | null {
  for (const side of ['initial', 'end']) {
    const part = rollout[side];
    const name = isJsonObject(part) ? part.variation : undefined;
    if (typeof name !== 'string' || !Object.hasOwn(variations, name)) return `progressiveRollout: no ${side} variation`;
  }
  return null;
}
