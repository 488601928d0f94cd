import { describe, expect, it } from 'vitest';
import type { Role } from '../../../shared/model/operator.ts';
import { mayApprove, mayBreakGlass, mayMake, rightsOf } from '../../../shared/rules/roles.ts';

describe('rightsOf (D5)', () => {
  it.each<[Role[], string[]]>([
    [[], []],
    [['viewer'], ['view']],
    [['responder'], ['act', 'view']],
    [['approver'], ['approve', 'view']],
    [['release-manager'], ['act', 'approve', 'view']],
    [['admin'], ['administer', 'view']],
    [
      ['responder', 'admin'],
      ['act', 'administer', 'view'],
    ],
  ])('%j: %j', (roles, rights) => expect([...rightsOf(roles)].sort()).toEqual(rights));
});

describe('D5: who may make a change, and who may be the second person', () => {
  it('is, where policy names no roles, the responder and the release manager, and the approver and the release manager', () => {
    const all: Role[] = ['viewer', 'responder', 'approver', 'release-manager', 'admin'];
    expect(all.filter((role) => mayMake([role], {}))).toEqual(['responder', 'release-manager']);
    expect(all.filter((role) => mayApprove([role], {}))).toEqual(['approver', 'release-manager']);
  });

  it('is whom policy names', () => {
    expect(mayMake(['responder'], { roles: ['release-manager'] })).toBe(false);
    expect(mayMake(['responder', 'release-manager'], { roles: ['release-manager'] })).toBe(true);
    expect(mayApprove(['approver'], { approvers: ['release-manager'] })).toBe(false);
    expect(mayMake(['responder'], { roles: [] })).toBe(false);
  });

  it('is never somebody whom no role lets act, whatever policy names', () => {
    expect(mayMake(['viewer'], { roles: ['viewer'] })).toBe(false);
    expect(mayMake(['admin'], { roles: ['admin'] })).toBe(false);
    expect(mayApprove(['responder'], { approvers: ['responder'] })).toBe(false);
    // Policy may pick those who have a role beside the one that lets them act.
    expect(mayMake(['admin', 'responder'], { roles: ['admin'] })).toBe(true);
  });

  it('D3: breaks the glass only where it is allowed, by who acts', () => {
    const glass = (more: object) => ({ breakGlass: { allowed: true, for: 1, reviewWithin: 1, ...more } });
    expect(mayBreakGlass(['responder'], undefined)).toBe(false);
    expect(mayBreakGlass(['responder'], {})).toBe(false);
    expect(mayBreakGlass(['responder'], glass({ allowed: false }))).toBe(false);
    expect(mayBreakGlass(['responder'], glass({}))).toBe(true);
    expect(mayBreakGlass(['approver'], glass({}))).toBe(false);
    expect(mayBreakGlass(['responder'], glass({ roles: ['release-manager'] }))).toBe(false);
  });
});
