import { describe, expect, it } from 'vitest';
import { demandFor, type PolicyQuestion } from '../../../shared/rules/policy.ts';

const ask = (more: Partial<PolicyQuestion> = {}) =>
  demandFor({
    policy: {},
    environment: 'production',
    action: 'kill',
    flag: { critical: false },
    killsAfter: true,
    ...more,
  });

describe('demandFor (D2)', () => {
  it('asks one person and nothing more to take a feature away', () => {
    expect(ask()).toEqual({ people: 1, typed: false, rationale: false });
  });

  it('asks to type the name of a critical flag, and to give a feature back', () => {
    expect(ask({ flag: { critical: true } }).typed).toBe(true);
    expect(ask({ action: 'undo', killsAfter: false }).typed).toBe(true);
  });

  it('asks no more to bring a kill back than for the kill', () => {
    expect(ask({ action: 'undo', killsAfter: true })).toEqual(ask());
  });

  it('lets the configuration win, in its own environment alone', () => {
    const policy = {
      production: {
        kill: { people: 2 as const, typed: true },
        restore: { people: 1 as const, typed: false, rationale: true },
      },
    };
    expect(ask({ policy })).toEqual({ people: 2, typed: true, rationale: false });
    expect(ask({ policy, action: 'undo', killsAfter: false })).toEqual({ people: 1, typed: false, rationale: true });
    expect(ask({ policy, environment: 'staging' })).toEqual({ people: 1, typed: false, rationale: false });
    expect(ask({ policy, environment: 'constructor' })).toEqual({ people: 1, typed: false, rationale: false });
  });
});
