import { describe, expect, it } from 'vitest';
import type { PolicyConfig, PolicyRule } from '../../../shared/model/config/index.ts';
import { demandFor, demandForAll, type PolicyQuestion, strictest, takesAway } from '../../../shared/rules/policy.ts';
import { matches } from '../../../shared/rules/policy-terms.ts';

const FLAG = { key: 'enable_new_pricing', type: 'release', critical: false } as const;
const CRITICAL = { ...FLAG, critical: true };

const ask = (more: Partial<PolicyQuestion> = {}) =>
  demandFor({ policy: {}, environment: 'production', flag: FLAG, takesAway: true, ...more });

describe('demandFor (D2)', () => {
  it('asks one person and nothing more to take a feature away', () => {
    expect(ask()).toEqual({ people: 1, typed: false, rationale: false });
  });

  it('asks to type the name of a critical flag, and to give a feature back', () => {
    expect(ask({ flag: CRITICAL }).typed).toBe(true);
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

describe('D2: rules of the policy', () => {
  const base: PolicyConfig = { kill: { people: 1 }, restore: { people: 2, approvers: ['approver'] } };
  const under = (rules: PolicyRule[], more: Partial<PolicyQuestion> = {}) =>
    ask({ policy: { production: { ...base, rules } }, ...more });

  it.each<[string, PolicyRule, boolean]>([
    ['its type', { types: ['ops', 'release'], people: 2 }, true],
    ['another type', { types: ['ops'], people: 2 }, false],
    ['its key', { flags: ['other', 'enable_new_pricing'], people: 2 }, true],
    ['a pattern of its key', { flags: ['enable_*'], people: 2 }, true],
    ['another key', { flags: ['enable_new'], people: 2 }, false],
    ['critical flags', { critical: true, people: 2 }, false],
    ['flags that are not critical', { critical: false, people: 2 }, true],
    ['kills', { direction: 'kill', people: 2 }, true],
    ['restores', { direction: 'restore', people: 2 }, false],
    ['anything', { people: 2 }, true],
    ['all of these at once', { types: ['release'], flags: ['*'], critical: false, direction: 'kill', people: 2 }, true],
    ['all but one of these', { types: ['release'], flags: ['*'], critical: true, people: 2 }, false],
  ])('one for %s holds, or does not', (_, rule, holds) => expect(under([rule]).people).toBe(holds ? 2 : 1));

  it('of several that fit, the later wins, setting by setting, over what the direction says', () => {
    const rules: PolicyRule[] = [
      { people: 2, rationale: true, roles: ['responder'], approvalWithin: 60_000 },
      { people: 1, roles: ['release-manager'], typed: true },
      { types: ['ops'], people: 2, rationale: false },
    ];
    expect(under(rules)).toEqual({
      people: 1,
      typed: true,
      rationale: true,
      roles: ['release-manager'],
      approvalWithinMs: 60_000,
    });
    expect(under(rules, { takesAway: false }).approvers).toEqual(['approver']);
    expect(under(rules, { flag: { ...FLAG, type: 'ops' } })).toMatchObject({ people: 2, rationale: false });
  });

  it('leaves out what is not set, so that a change of before keeps its hash', () => {
    expect(Object.keys(under([{ flags: ['other'], roles: ['responder'] }]))).toEqual(['people', 'typed', 'rationale']);
    expect(Object.keys(under([], { takesAway: false }))).toEqual(['people', 'typed', 'rationale', 'approvers']);
  });

  it.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abcd', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bc*c', 'abc', false],
    ['ops_*', 'ops_disable_recs', true],
    ['a.c', 'abc', false],
    ['', 'a', false],
  ])('%s on %s: %s', (pattern, key, fits) => expect(matches(pattern, key)).toBe(fits));
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

  it('lets only roles that may make, and approve, each of them, and takes the shortest time', () => {
    const plain = { people: 1, typed: false, rationale: false };
    expect(
      demandForAll([
        { ...plain, roles: ['responder', 'release-manager'], approvalWithinMs: 60_000 },
        { ...plain, roles: ['release-manager'], approvalWithinMs: 30_000 },
      ]),
    ).toEqual({ ...plain, typed: true, roles: ['release-manager'], approvalWithinMs: 30_000 });
    // One that names no roles is for those that may by default.
    expect(demandForAll([plain, { ...plain, approvers: ['approver', 'admin'] }]).approvers).toEqual(['approver']);
    expect(
      demandForAll([
        { ...plain, roles: ['responder'] },
        { ...plain, roles: ['release-manager'] },
      ]).roles,
    ).toEqual([]);
  });

  it('of one demand as it was and as it is now, asks the stricter, and no typing of its own', () => {
    const plain = { people: 1, typed: false, rationale: false };
    expect(strictest([plain, plain])).toEqual(plain);
    expect(strictest([plain, { ...plain, people: 2 }])).toEqual({ ...plain, people: 2 });
  });
});
