import { describe, expect, it } from 'vitest';
import { demandFor, demandForAll, type PolicyQuestion, takesAway } from '../../../shared/rules/policy.ts';

const ask = (more: Partial<PolicyQuestion> = {}) =>
  demandFor({ policy: {}, environment: 'production', flag: { critical: false }, takesAway: true, ...more });

describe('demandFor (D2)', () => {
  it('asks one person and nothing more to take a feature away', () => {
    expect(ask()).toEqual({ people: 1, typed: false, rationale: false });
  });

  it('asks to type the name of a critical flag, and to give a feature back', () => {
    expect(ask({ flag: { critical: true } }).typed).toBe(true);
    expect(ask({ takesAway: false }).typed).toBe(true);
  });

  it('lets the configuration win, in its own environment alone', () => {
    const policy = {
      production: {
        kill: { people: 2 as const, typed: true },
        restore: { people: 1 as const, typed: false, rationale: true },
      },
    };
    expect(ask({ policy })).toEqual({ people: 2, typed: true, rationale: false });
    expect(ask({ policy, takesAway: false })).toEqual({ people: 1, typed: false, rationale: true });
    expect(ask({ policy, environment: 'staging' })).toEqual({ people: 1, typed: false, rationale: false });
    expect(ask({ policy, environment: 'constructor' })).toEqual({ people: 1, typed: false, rationale: false });
  });
});

describe('takesAway (D2)', () => {
  const share = (percentage: number | null) => ({ percentage, killed: percentage === 0 });

  it('asks no more to bring a kill back than for the kill', () => {
    expect(takesAway({ action: 'undo', before: share(20), after: share(0) })).toBe(true);
    expect(takesAway({ action: 'undo', before: share(0), after: share(20) })).toBe(false);
    expect(takesAway({ action: 'kill', before: share(null), after: { percentage: null, killed: false } })).toBe(true);
  });

  it('takes a lowered share for taking away, a raised one and one that is not known for giving', () => {
    expect(takesAway({ action: 'rollout', before: share(50), after: share(20) })).toBe(true);
    expect(takesAway({ action: 'rollout', before: share(20), after: share(50) })).toBe(false);
    expect(takesAway({ action: 'rollout', before: share(null), after: share(50) })).toBe(false);
    expect(takesAway({ action: 'undo', before: share(50), after: share(20) })).toBe(true);
  });
});

describe('demandForAll (B3)', () => {
  it('asks the most of any, and always to type for more than one', () => {
    const plain = { people: 1, typed: false, rationale: false };
    expect(demandForAll([plain])).toEqual(plain);
    expect(demandForAll([plain, plain])).toEqual({ people: 1, typed: true, rationale: false });
    expect(demandForAll([plain, { people: 2, typed: false, rationale: true }])).toEqual({
      people: 2,
      typed: true,
      rationale: true,
    });
  });
});
