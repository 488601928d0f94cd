import { createHash } from 'node:crypto';
import type { FixtureFlag } from './flags.ts';

/**
 * Index of the variation that a server SDK serves to a user; null: the caller's default. After LaunchDarkly's SDK
 * documentation: off, then prerequisites, targets, rules, fallthrough; a share by SHA-1 of key, salt and user.
 */
export function evaluate(
  flags: ReadonlyMap<string, FixtureFlag>,
  key: string,
  environment: string,
  user: string,
): number | null {
  const flag = flags.get(key);
  const config = flag?.environments[environment];
  if (!flag || !config || flag.archived) return null;
  const off = config.offVariation ?? null;
  if (!config.on) return off;
  for (const needed of config.prerequisites) {
    const met = flags.get(needed.key)?.environments[environment]?.on === true;
    if (!met || evaluate(flags, needed.key, environment, user) !== needed.variation) return off;
  }
  for (const target of config.targets) if (target.values.includes(user)) return target.variation;
  for (const rule of config.rules) {
    const matches = rule.clauses.every(({ attribute, op, values, negate }) => {
      if (attribute !== 'key') return false;
      const found = values.some((value) =>
        op === 'in' ? value === user : op === 'startsWith' ? user.startsWith(value) : false,
      );
      return found !== negate;
    });
    if (matches) return shareOf(rule, flag.key, config.salt, user);
  }
  return shareOf(config.fallthrough, flag.key, config.salt, user);
}

function shareOf(
  { variation, rollout }: FixtureFlag['environments'][string]['fallthrough'],
  key: string,
  salt: string,
  user: string,
): number | null {
  if (variation !== undefined) return variation;
  const text = rollout?.seed === undefined ? `${key}.${salt}.${user}` : `${rollout.seed}.${user}`;
  const bucket = Number.parseInt(createHash('sha1').update(text).digest('hex').slice(0, 15), 16) / 16 ** 15;
  let sum = 0;
  for (const one of rollout?.variations ?? []) {
    sum += one.weight / 100_000;
    if (bucket < sum) return one.variation;
  }
  return rollout?.variations.at(-1)?.variation ?? null;
}
