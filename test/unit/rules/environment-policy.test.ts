import { describe, expect, it } from 'vitest';
import { environmentPolicy } from '../../../shared/rules/environment-policy.ts';

describe('environmentPolicy', () => {
  it('D2: says what is asked where nothing is configured', () => {
    expect(environmentPolicy({}, 'production')).toEqual({
      kill: { people: 1, typed: false, rationale: false },
      restore: { people: 1, typed: true, rationale: false },
      exceptions: 0,
      breakGlassMs: null,
    });
  });

  it('D2: counts exceptions instead of applying them, since they hold for some flags only', () => {
    const policy = {
      production: {
        kill: { people: 1 as const },
        restore: { people: 2 as const, rationale: true },
        rules: [{ people: 2 as const }, { types: ['ops' as const], typed: true }],
        breakGlass: { allowed: true, for: 900_000, reviewWithin: 86_400_000 },
      },
    };
    expect(environmentPolicy(policy, 'production')).toEqual({
      kill: { people: 1, typed: false, rationale: false },
      restore: { people: 2, typed: true, rationale: true },
      exceptions: 2,
      breakGlassMs: 900_000,
    });
  });
});
