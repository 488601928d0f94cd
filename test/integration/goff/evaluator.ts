import { parseDocument } from 'yaml';

/**
 * What GO Feature Flag's core evaluator serves, for the constructs that the samples use: `targeting` with `eq` queries,
 * `percentage`, `variation`, `disable`, `bucketingKey`, `experimentation`, and flags that it drops as invalid. Written
 * from its documentation (percentages by FNV-1a of flag and key, variations in reverse order of their names), apart
 * from the adapter's own code.
 */
export interface User {
  readonly targetingKey: string;
  readonly [field: string]: string;
}

interface Rule {
  query?: string | null;
  variation?: string | null;
  percentage?: Record<string, number> | null;
  disable?: boolean | null;
}
interface Flag {
  variations?: Record<string, unknown> | null;
  targeting?: Rule[] | null;
  defaultRule?: Rule | null;
  disable?: boolean | null;
  bucketingKey?: string | null;
  experimentation?: { start?: string | Date; end?: string | Date } | null;
  scheduledRollout?: unknown[] | null;
}

/** The variation that each user is served; null where the SDK falls back to the code's own default. */
export function evaluatorOf(text: string, key: string, nowMs = Date.now()): (user: User) => string | null {
  const flag = readFlags(text)[key];
  if (flag === undefined || isDropped(flag)) return () => null;
  return (user) => served(flag, key, user, nowMs);
}

function served(flag: Flag, key: string, user: User, nowMs: number): string | null {
  if ((flag.scheduledRollout ?? []).length > 0) throw new Error('the evaluator has no scheduled steps');
  const bucket = flag.bucketingKey ? user[flag.bucketingKey] : user.targetingKey;
  const rules = [...(flag.targeting ?? []), flag.defaultRule ?? {}];
  const splits = rules.some((rule) => Object.keys(rule.percentage ?? {}).length > 0);
  if (bucket === undefined || (bucket === '' && splits)) return null;
  if (flag.disable === true || outsideExperiment(flag, nowMs)) return null;
  const rule = (flag.targeting ?? []).find((one) => one.disable !== true && matches(one.query ?? '', user));
  return serve(rule ?? flag.defaultRule ?? {}, key, bucket);
}

function readFlags(text: string): Record<string, Flag> {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(plain);
  } catch {
    // YAML, of which JSON is a part.
  }
  // Go reads every key, and every name, as a text: a YAML schema without booleans and numbers stands in for that.
  const names = parseDocument(plain, { schema: 'failsafe', merge: true }).toJS() as Record<string, Flag>;
  const typed = parseDocument(plain, { merge: true, stringKeys: true }).toJS() as Record<string, Flag>;
  for (const [key, flag] of Object.entries(typed)) {
    const rules = [flag.defaultRule, ...(flag.targeting ?? [])];
    const texts = [names[key]?.defaultRule, ...(names[key]?.targeting || [])];
    rules.forEach((rule, index) => {
      if (rule?.variation != null) rule.variation = String(texts[index]?.variation);
    });
  }
  return typed;
}

function isDropped(flag: Flag): boolean {
  const names = Object.keys(flag.variations ?? {});
  const bad = (rule: Rule): boolean => {
    const shares = Object.entries(rule.percentage ?? {});
    if (shares.length === 0) return rule.variation == null || !names.includes(rule.variation);
    return shares.some(([name]) => !names.includes(name)) || shares.reduce((sum, [, part]) => sum + part, 0) === 0;
  };
  if (names.length === 0 || flag.defaultRule == null || bad(flag.defaultRule)) return true;
  return (flag.targeting ?? []).some((rule) => rule.disable !== true && (rule.query == null || bad(rule)));
}

function outsideExperiment({ experimentation }: Flag, nowMs: number): boolean {
  if (experimentation == null) return false;
  const { start, end } = experimentation;
  return (start !== undefined && nowMs < +new Date(start)) || (end !== undefined && nowMs > +new Date(end));
}

function matches(query: string, user: User): boolean {
  if (query.trim() === '') return true;
  const [, field, value] = /^\s*(\w+) eq "([^"]*)"\s*$/.exec(query) ?? [];
  if (field === undefined) throw new Error(`the evaluator has no query such as ${query}`);
  return user[field] === value;
}

function serve(rule: Rule, key: string, bucket: string): string | null {
  const shares = Object.entries(rule.percentage ?? {});
  if (shares.length === 0) return rule.variation ?? null;
  const total = Math.trunc(shares.reduce((sum, [, share]) => sum + share, 0) * 1000);
  const place = fnv1a(key + bucket) % total;
  let end = 0;
  for (const [name, share] of shares.sort(([a], [b]) => (a < b ? 1 : -1))) {
    end += share * 1000;
    if (place < Math.trunc(end)) return name;
  }
  return null;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
