import type { JsonObject } from '../../../../shared/model/json.ts';
import { type Definition, invalidity, type Rule } from './definition.ts';

/** Percent of users by variation, adding up to 100. */
export type Shares = Readonly<Record<string, number>>;

/** What one rule gives to those whom it applies to; null when that changes with the time. */
export function sharesOfRule(rule: Rule): Shares | null {
  // A progressive rollout wins over percentages, and these over a variation.
  if (rule.progressiveRollout != null) return null;
  const parts = Object.entries(rule.percentage ?? {});
  if (parts.length > 0) {
    const total = parts.reduce((sum, [, share]) => sum + share, 0);
    return Object.fromEntries(parts.map(([name, share]) => [name, (share / total) * 100]));
  }
  return rule.variation == null ? null : { [rule.variation]: 100 };
}

/** How a valid definition decides what is served. */
export interface Decision {
  /** Why the code's own default is served to everyone; null when it is not. */
  readonly codeDefault: string | null;
  /** Rules that can apply, in order, up to the first that applies to everyone. */
  readonly rules: readonly Rule[];
  /** What those get whom no rule applies to. Undefined only when the code's own default is served. */
  readonly rest: Rule | undefined;
  /** Parts that make what is served a matter of the time, in words. */
  readonly timed: readonly string[];
  /** Field that the services must send, or they get their code's default whatever the rules say. */
  readonly demands: string | null;
}

export function decisionOf(definition: Definition): Decision {
  const invalid = invalidity(definition);
  const steps = definition.scheduledRollout ?? [];
  const timed: string[] = [];
  if (steps.length > 0)
    timed.push(`${steps.length} scheduled ${steps.length === 1 ? 'step' : 'steps'} (${datesOf(steps)})`);
  if (definition.experimentation != null) timed.push(`experiment ${spanOf(definition.experimentation)}`);
  const enabled = (definition.targeting ?? []).filter((rule) => rule.disable !== true);
  // An empty query applies to everyone: what stands behind it is never reached.
  const all = enabled.findIndex((rule) => (rule.query ?? '').trim() === '');
  const rest = all === -1 ? (definition.defaultRule ?? undefined) : enabled[all];
  return {
    codeDefault:
      invalid !== null
        ? `not valid, so GO Feature Flag drops it: ${invalid}`
        : definition.disable === true && steps.length === 0
          ? 'disabled'
          : null,
    rules: all === -1 ? enabled : enabled.slice(0, all),
    rest,
    timed,
    demands: definition.bucketingKey ? definition.bucketingKey : null,
  };
}

/** Percent of users by variation, whoever they are and whenever they ask; null where that does not follow. */
export function sharesOfAll(decision: Decision): Shares | null {
  const { codeDefault, rules, rest, timed } = decision;
  if (codeDefault !== null || rest === undefined || timed.length > 0) return null;
  const shares = [...rules, rest].map(sharesOfRule);
  const first = shares[0] ?? null;
  return first !== null && shares.every((other) => other !== null && sameShares(first, other)) ? first : null;
}

export function sameShares(a: Shares, b: Shares): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 0.005,
  );
}

/** True when `variation` is served to whoever asks, whenever, whatever else they send. */
export function servesEveryone(definition: Definition, variation: string): boolean {
  const decision = decisionOf(definition);
  const shares = decision.demands === null ? sharesOfAll(decision) : null;
  return shares !== null && sameShares(shares, { [variation]: 100 });
}

/** The rules on one line, for people; null when there are none. */
export function summarise(decision: Decision): string | null {
  const { rules, rest, timed, demands } = decision;
  const parts = rules.map((rule) => `if ${(rule.query ?? '').trim()}: ${wordsOf(rule)}`);
  const plain =
    rest === undefined || (rest.progressiveRollout == null && Object.keys(rest.percentage ?? {}).length === 0);
  if (rest !== undefined && parts.length > 0) parts.push(`else ${wordsOf(rest)}`);
  else if (rest !== undefined && !plain) parts.push(wordsOf(rest));
  if (demands !== null) parts.push(`by ${demands}`);
  parts.push(...timed);
  return parts.length === 0 ? null : parts.join('; ');
}

function wordsOf(rule: Rule): string {
  const { progressiveRollout } = rule;
  if (progressiveRollout != null) {
    const side = (name: string) => progressiveRollout[name] as JsonObject | undefined;
    const word = (name: string) => `${side(name)?.variation} from ${side(name)?.date ?? 'no date'}`;
    return `progressively ${word('initial')} to ${word('end')}`;
  }
  const shares = sharesOfRule(rule);
  if (shares === null) return 'the code default';
  const parts = Object.entries(shares);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && rule.percentage == null) return only[0];
  return parts.map(([name, share]) => `${name} ${Math.round(share * 100) / 100} %`).join(', ');
}

function datesOf(steps: readonly JsonObject[]): string {
  return steps.map((step) => String(step.date ?? 'no date')).join(', ');
}

function spanOf(experiment: JsonObject): string {
  const from = experiment.start == null ? '' : `from ${experiment.start} `;
  return `${from}${experiment.end == null ? '' : `to ${experiment.end}`}`.trim();
}
