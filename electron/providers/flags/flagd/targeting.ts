import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import { clipped } from '../document/flag-parts.ts';

/** Share of users per variant name, adding up to 1. The name null stands for the default variant. */
type Shares = Map<string | null, number>;

/** Bounds the walk through rules that refer to each other. */
const DEEPEST = 20;

/**
 * Who gets which variant by the rules, or null where they do not tell: a condition on who the user is cannot be turned
 * into a share of users. Source: flagd-definitions, `fractional` and `if`.
 */
export function sharesOf(rule: JsonValue, evaluators: JsonObject, depth = 0): Shares | null {
  if (depth > DEEPEST) return null;
  if (rule === null) return new Map([[null, 1]]);
  if (typeof rule === 'string' || typeof rule === 'boolean' || typeof rule === 'number') {
    return new Map([[String(rule), 1]]);
  }
  if (Array.isArray(rule)) return null;
  const [operator, ...more] = Object.keys(rule);
  if (operator === undefined || more.length > 0) return null;
  const operand = rule[operator] ?? null;
  if (operator === '$ref') {
    const target = typeof operand === 'string' ? evaluators[operand] : undefined;
    return target === undefined ? null : sharesOf(target, evaluators, depth + 1);
  }
  if (operator === 'fractional') return fractionalShares(operand, evaluators, depth);
  if (operator === 'if' || operator === '?:') return branchShares(operand, evaluators, depth);
  return null;
}

function fractionalShares(operand: JsonValue, evaluators: JsonObject, depth: number): Shares | null {
  if (!Array.isArray(operand)) return null;
  // The first entry may say what users are told apart by; all others are buckets.
  const buckets = Array.isArray(operand[0]) ? operand : operand.slice(1);
  const shares: Shares = new Map();
  let total = 0;
  for (const bucket of buckets) {
    if (!Array.isArray(bucket) || bucket.length === 0 || bucket.length > 2) return null;
    // A bucket without a weight weighs 1, a negative weight nothing, as in flagd.
    const weight = bucket.length === 1 ? 1 : bucket[1];
    if (typeof weight !== 'number' || !Number.isInteger(weight)) return null;
    const inner = sharesOf(bucket[0] ?? null, evaluators, depth + 1);
    if (!inner) return null;
    const part = Math.max(0, weight);
    total += part;
    for (const [variant, share] of inner) shares.set(variant, (shares.get(variant) ?? 0) + share * part);
  }
  if (total === 0) return new Map([[null, 1]]);
  for (const [variant, weight] of shares) shares.set(variant, weight / total);
  return shares;
}

function branchShares(operand: JsonValue, evaluators: JsonObject, depth: number): Shares | null {
  const branches = branchesOf(operand).map((branch) => sharesOf(branch.result, evaluators, depth + 1));
  const first = branches[0];
  return first && branches.every((branch) => branch !== null && sameShares(branch, first)) ? first : null;
}

/** `if` takes condition, result, condition, result, …, and may end with a result for everyone else. */
function branchesOf(operand: JsonValue): { when: JsonValue | undefined; result: JsonValue }[] {
  const parts = Array.isArray(operand) ? operand : [operand];
  const branches: { when: JsonValue | undefined; result: JsonValue }[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    branches.push({ when: parts[index], result: parts[index + 1] ?? null });
  }
  branches.push({ when: undefined, result: parts.length % 2 === 1 ? (parts.at(-1) ?? null) : null });
  return branches;
}

function sameShares(a: Shares, b: Shares): boolean {
  return a.size === b.size && [...a].every(([variant, share]) => Math.abs((b.get(variant) ?? -1) - share) < 1e-9);
}

/**
 * Shares among the users whom no condition singles out: of a top-level `if` that ends in a `fractional`, the rollout
 * beside its exceptions. Null where there is no such rule.
 */
export function sharesOfTheRest(rule: JsonObject, evaluators: JsonObject): Shares | null {
  const operand = rule.if ?? rule['?:'];
  if (operand === undefined || Object.keys(rule).length !== 1) return null;
  const rest = branchesOf(operand).at(-1)?.result;
  if (!isJsonObject(rest) || rest.fractional === undefined) return null;
  return sharesOf(rest, evaluators, 1);
}

/** The rules on one line, for people: conditions stay as they are written, shares become percentages. */
export function summarise(rule: JsonValue, evaluators: JsonObject): string {
  return clipped(describe(rule, evaluators, 0), rule);
}

function describe(rule: JsonValue, evaluators: JsonObject, depth: number): string {
  if (rule === null) return 'default';
  if (!isJsonObject(rule)) return typeof rule === 'string' ? rule : JSON.stringify(rule);
  if (depth > DEEPEST) return '…';
  const [operator = ''] = Object.keys(rule);
  const operand = rule[operator] ?? null;
  if (operator === 'fractional') {
    const shares = fractionalShares(operand, evaluators, depth);
    const by = Array.isArray(operand) && !Array.isArray(operand[0]) ? ` by ${condition(operand[0] ?? null)}` : '';
    if (shares)
      return [...shares].map(([variant, share]) => `${variant ?? 'default'} ${percent(share)} %`).join(', ') + by;
  }
  if (operator === 'if' || operator === '?:') {
    const branches = branchesOf(operand).map(({ when, result: outcome }) => {
      const words = describe(outcome, evaluators, depth + 1);
      return when === undefined ? `else ${words}` : `if ${condition(when)}: ${words}`;
    });
    return branches.join('; ');
  }
  return condition(rule);
}

const INFIX = new Set(['==', '===', '!=', '!==', '>', '>=', '<', '<=', 'and', 'or', 'in', 'starts_with', 'ends_with']);

function condition(rule: JsonValue): string {
  if (!isJsonObject(rule)) return JSON.stringify(rule);
  const [operator = ''] = Object.keys(rule);
  const operand = rule[operator] ?? null;
  const parts = Array.isArray(operand) ? operand : [operand];
  if (operator === 'var') return String(parts[0]);
  if (operator === '$ref') return String(parts[0]);
  if (INFIX.has(operator)) return parts.map(condition).join(` ${operator} `);
  return `${operator}(${parts.map(condition).join(', ')})`;
}

function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}

const OPERATORS = new Set(
  (
    'var missing missing_some if ?: == === != !== ! !! or and > >= < <= max min + - * / % map filter reduce all none ' +
    'some merge in cat substr starts_with ends_with sem_ver fractional $ref'
  ).split(' '),
);

/** True when each operator is one that flagd surely knows; otherwise flagd itself has to be asked. */
export function hasKnownOperators(rule: JsonValue): boolean {
  if (Array.isArray(rule)) return rule.every(hasKnownOperators);
  if (!isJsonObject(rule)) return true;
  return Object.entries(rule).every(([operator, operand]) => OPERATORS.has(operator) && hasKnownOperators(operand));
}

export function refersToEvaluators(rule: JsonValue): boolean {
  if (Array.isArray(rule)) return rule.some(refersToEvaluators);
  if (!isJsonObject(rule)) return false;
  return Object.entries(rule).some(([operator, operand]) => operator === '$ref' || refersToEvaluators(operand));
}
