import type { JsonValue } from '../../../../shared/model/json.ts';
import type { Definition, Strategy } from './definition.ts';

/** Who gets `true` by a definition, percentages from 0 to 100. */
export interface Serving {
  /** Share of users who get `true`; null where the rules do not tell. Of the users whom no rule singles out, when `partial`. */
  readonly percentage: number | null;
  /** Some users are told apart by who they are, so that `percentage` is not the whole story. */
  readonly partial: boolean;
  /** Surely `true` for each and every call, whoever asks and whatever is known of them. */
  readonly certain: boolean;
}

const NOBODY: Serving = { percentage: 0, partial: false, certain: false };
const EVERYONE: Serving = { percentage: 100, partial: false, certain: true };
const BY_RULES: Serving = { percentage: null, partial: true, certain: false };

/** Strategies from before flexibleRollout, and the parameter that holds their share. */
const GRADUAL: Readonly<Record<string, string>> = {
  gradualRolloutRandom: 'percentage',
  gradualRolloutUserId: 'percentage',
  gradualRolloutSessionId: 'percentage',
};

/** Without the field that it goes by, a call of such a strategy is served `false`. */
const ALWAYS_STICKS = new Set(['default', 'random']);

/**
 * Who gets `true`, by the rules of Unleash's SDKs: off unless the environment is enabled; on for everyone when no strategy
 * counts (the client API leaves disabled ones out, and an SDK takes none for all); else for whom any of them matches.
 */
export function servingOf(definition: Definition): Serving {
  if (!definition.enabled) return NOBODY;
  const strategies = enabledOf(definition);
  if (definition.dependencies.length > 0) return BY_RULES;
  if (strategies.length === 0) return EVERYONE;
  const servings = strategies.map(servingOfStrategy);
  if (servings.some(({ certain }) => certain)) return EVERYONE;
  const counted = servings.filter(({ percentage }) => percentage !== 0);
  const [first] = counted;
  if (first === undefined) return NOBODY;
  if (counted.length === 1) return first;
  const plain = counted.filter(({ partial }) => !partial);
  if (plain.some(({ percentage }) => percentage === 100)) return { percentage: 100, partial: false, certain: false };
  if (plain.length === 1) return { percentage: plain[0]?.percentage ?? null, partial: true, certain: false };
  return BY_RULES;
}

export function enabledOf({ strategies }: Pick<Definition, 'strategies'>): Strategy[] {
  return strategies.filter(({ disabled }) => !disabled);
}

function servingOfStrategy(strategy: Strategy): Serving {
  if (strategy.name === 'default') return isConstrained(strategy) ? BY_RULES : EVERYONE;
  const share = shareOf(strategy);
  if (share === 0) return NOBODY;
  if (share === null || isConstrained(strategy)) return BY_RULES;
  const certain = share === 100 && (strategy.name !== 'flexibleRollout' || ALWAYS_STICKS.has(stickinessOf(strategy)));
  return { percentage: share, partial: false, certain: certain && !(strategy.name in GRADUAL) };
}

export function isConstrained({ constraints, segments }: Strategy): boolean {
  return constraints.length > 0 || segments.length > 0;
}

/** Share of a rollout strategy, 0 to 100; null for strategies that have none. The server checks no range (`150`, `abc`). */
export function shareOf({ name, parameters }: Strategy): number | null {
  const parameter = name === 'flexibleRollout' ? 'rollout' : GRADUAL[name];
  if (parameter === undefined) return null;
  const share = Number(parameters[parameter] ?? 100);
  // As the SDKs compare: what is no number is never reached.
  if (Number.isNaN(share)) return 0;
  return Math.min(100, Math.max(0, Math.floor(share)));
}

function stickinessOf({ parameters }: Strategy): string {
  return words(parameters.stickiness) || 'default';
}

const LONGEST = 240;

/** The rules in force on one line; null when everyone or nobody is served without any. `nameOf` names a segment. */
export function summarise(definition: Definition, nameOf: (segment: number) => string): string | null {
  if (!definition.enabled) return null;
  const strategies = enabledOf(definition);
  const rules = strategies.filter((strategy) => !isPlainEveryone(strategy));
  const parts = rules.map((strategy) => describe(strategy, nameOf));
  if (rules.length > 0 && rules.length < strategies.length) parts.push('everyone');
  const line = [
    parts.join('; or '),
    ...variantWords(definition.variants),
    ...definition.dependencies.map(parentWords),
  ].filter((part) => part !== '');
  if (line.length === 0) return null;
  const text = line.join('; ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function isPlainEveryone(strategy: Strategy): boolean {
  return servingOfStrategy(strategy).certain && strategy.variants.length === 0;
}

function describe(strategy: Strategy, nameOf: (segment: number) => string): string {
  const { constraints, segments, variants, parameters, title, name } = strategy;
  const conditions = [...segments.map((segment) => `in segment ${nameOf(segment)}`), ...constraints.map(condition)];
  const share = shareOf(strategy);
  const by = share !== null && name === 'flexibleRollout' ? ` by ${stickinessOf(strategy)}` : '';
  const who =
    share !== null
      ? `${share} %${share === 100 && ALWAYS_STICKS.has(stickinessOf(strategy)) ? '' : by}`
      : name === 'default'
        ? 'everyone'
        : `${name}(${Object.entries(parameters)
            .map(([key, value]) => `${key}: ${words(value)}`)
            .join(', ')})`;
  const named = title === null ? '' : `“${title}” `;
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return [`${named}${who}${where}`, ...variantWords(variants)].join(', ');
}

function condition(constraint: Record<string, JsonValue>): string {
  const values = Array.isArray(constraint.values) ? constraint.values.map(words) : [];
  const shown = values.length > 3 ? [...values.slice(0, 3), `… ${values.length} values`] : values;
  const operand = shown.length > 0 ? shown.join(', ') : words(constraint.value);
  return `${constraint.inverted === true ? 'not ' : ''}${words(constraint.contextName)} ${words(constraint.operator)} ${operand}`.trim();
}

function variantWords(variants: readonly Record<string, JsonValue>[]): string[] {
  if (variants.length === 0) return [];
  const all = variants.map(({ name, weight }) => `${words(name)} ${typeof weight === 'number' ? weight / 10 : '?'} %`);
  return [`variants ${all.join(', ')}`];
}

function parentWords({ feature, enabled, variants }: Definition['dependencies'][number]): string {
  const how = !enabled ? 'off' : variants.length === 0 ? 'on' : `on as ${variants.join(' or ')}`;
  return `only while ${feature} is ${how}`;
}

function words(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
