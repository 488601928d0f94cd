import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { Role } from '../../../shared/model/operator.ts';
import { type PolicyFinding, policySanity } from '../../../shared/rules/policy-sanity.ts';

const person = (id: string, ...roles: Role[]) => ({
  id,
  name: id,
  roles,
  publicKeys: [`scram1:${id.padEnd(128, '0')}`],
});
const keyless = (id: string, ...roles: Role[]) => ({ id, name: id, roles });
const ADMIN = person('kim', 'admin');
const TEAM = [person('alex', 'responder'), person('sam', 'approver'), person('mo', 'release-manager'), ADMIN];

function findings(production: object, operators: readonly object[] = TEAM): PolicyFinding[] {
  return policySanity(
    configSchema.parse({ version: 1, team: 't', environments: { production: {} }, policy: { production }, operators }),
  );
}
const errors = (...from: Parameters<typeof findings>): string[] =>
  findings(...from)
    .filter(({ severity }) => severity === 'error')
    .map(({ what }) => what);
const warnings = (...from: Parameters<typeof findings>): string[] =>
  findings(...from)
    .filter(({ severity }) => severity === 'warning')
    .map(({ what }) => what);

describe('D2: a policy is proved sane', () => {
  it('has nothing against one that works, nor against none', () => {
    expect(findings({})).toEqual([]);
    expect(findings({}, [])).toEqual([]);
    expect(
      findings({
        restore: {
          people: 2,
          windows: [{ from: '22:00', to: '02:00', timeZone: 'Europe/Berlin' }],
          approvalWithin: '24h',
        },
        rules: [{ flags: ['ops_*'], roles: ['responder'], approvers: ['approver'] }],
        coolDown: '10m',
        breakGlass: { allowed: true },
      }),
    ).toEqual([]);
  });

  it('finds two people asked for where nobody is named', () => {
    expect(findings({ restore: { people: 2 } }, [])).toEqual([
      {
        severity: 'error',
        environment: 'production',
        what: 'nobody can give a feature to users: two people are asked for, and no operators are configured',
        action: 'name the operators, or ask for one person',
      },
    ]);
    expect(errors({ rules: [{ types: ['ops'], people: 2 }] }, [])).toEqual([
      'nobody can take a feature away, for some flags: two people are asked for, and no operators are configured',
      'nobody can give a feature to users, for some flags: two people are asked for, and no operators are configured',
    ]);
  });

  it('finds that nobody may ask', () => {
    expect(errors({ kill: { roles: ['release-manager'] } }, [person('alex', 'responder'), ADMIN])).toEqual([
      'nobody can take a feature away: no operator has a role that may',
    ]);
    expect(errors({}, [person('sam', 'approver'), ADMIN])).toHaveLength(2);
  });

  it('finds that nobody may approve, or only who alone may ask', () => {
    expect(errors({ restore: { people: 2 } }, [person('alex', 'responder'), person('bo', 'responder'), ADMIN])).toEqual(
      ['nobody can give a feature to users: no operator has a role that may approve it'],
    );
    expect(errors({ restore: { people: 2 } }, [person('mo', 'release-manager'), ADMIN, person('v', 'viewer')])).toEqual(
      ['nobody can give a feature to users: mo is the only one who may ask, and the only one who may approve'],
    );
    expect(
      errors({ restore: { people: 2 } }, [person('mo', 'release-manager'), person('al', 'responder'), ADMIN]),
    ).toEqual([]);
  });

  it('finds it for the flags of one rule alone, and for those that two rules meet on', () => {
    const small = [person('alex', 'responder'), person('sam', 'approver'), ADMIN];
    const rules = [
      { flags: ['pay_*'], people: 2, direction: 'restore' },
      { flags: ['*_old'], approvers: ['release-manager'], direction: 'restore' },
    ];
    expect(errors({ rules }, small)).toEqual([
      'nobody can give a feature to users, for some flags: no operator has a role that may approve it',
    ]);
    expect(
      errors(
        {
          rules: [
            { ...rules[0], types: ['ops'] },
            { ...rules[1], types: ['release'] },
          ],
        },
        small,
      ),
    ).toEqual([]);
  });

  it('finds people without a public key: an approver, all who could, everybody', () => {
    const two = { restore: { people: 2 } };
    const some = [person('alex', 'responder'), keyless('sam', 'approver'), person('mo', 'release-manager'), ADMIN];
    expect(errors(two, some)).toEqual([]);
    expect(warnings(two, some)).toEqual(['sam may approve in production, and has no public key to approve with']);
    expect(warnings({}, some)).toEqual([]);
    const few = [person('alex', 'responder'), keyless('sam', 'approver'), ADMIN];
    expect(errors(two, few)).toEqual(['nobody can give a feature to users: those who may have no public key yet']);
    expect(findings(two, [keyless('alex', 'responder'), keyless('sam', 'approver'), keyless('kim', 'admin')])).toEqual([
      expect.objectContaining({
        severity: 'error',
        environment: null,
        what: 'no operator has a public key yet, so that nobody can unlock a console',
      }),
    ]);
  });

  it('finds that nobody can sign the list of operators', () => {
    expect(errors({}, [person('alex', 'responder')])).toEqual([
      'no operator is an admin, so that nobody can sign the list of operators',
    ]);
  });

  it('D3: finds break-glass that nobody else could review, or that nobody may use', () => {
    const glass = { breakGlass: { allowed: true } };
    expect(errors(glass, [person('alex', 'responder'), person('mo', 'release-manager'), ADMIN])).toEqual([
      'mo may break the glass, and nobody else could review it',
    ]);
    expect(errors(glass, [person('alex', 'responder'), ADMIN])).toEqual([
      'alex may break the glass, and nobody else could review it',
    ]);
    expect(errors({ breakGlass: { allowed: false } }, [person('alex', 'responder'), ADMIN])).toEqual([]);
    expect(warnings(glass, [])).toEqual(['break-glass is allowed, and nobody may use it']);
    expect(
      warnings({ breakGlass: { allowed: true, roles: ['release-manager'] } }, [TEAM[0], TEAM[1], ADMIN] as object[]),
    ).toEqual([
      'breakGlass names release-manager, which no operator has',
      'break-glass is allowed, and nobody may use it',
    ]);
  });

  it('finds roles that nobody has, and roles that do not do it', () => {
    const team = [person('alex', 'responder'), person('sam', 'approver'), ADMIN];
    expect(warnings({ kill: { roles: ['responder', 'release-manager', 'viewer'] } }, team)).toEqual([
      'roles of kill names release-manager, which no operator has',
      'roles of kill names viewer, which never makes changes',
    ]);
    expect(warnings({ rules: [{ approvers: ['approver', 'admin'] }] }, team)).toEqual([
      'approvers of rules[0] names admin, which never approves',
    ]);
  });

  it('finds windows that never open, that have no clock, and that hold kills', () => {
    expect(errors({ restore: { windows: [{ from: '09:00', to: '09:00' }] } })).toEqual([
      'a window of restore never opens: every day 09:00 to 09:00 UTC',
    ]);
    expect(errors({ rules: [{ windows: [{ from: '09:00', to: '10:00', timeZone: 'Mars/Base' }] }] })).toEqual([
      'a window of rules[0] has a time zone that is not known: Mars/Base',
    ]);
    expect(warnings({ kill: { windows: [{ from: '09:00', to: '10:00' }] } })).toEqual([
      'kill lets features be taken away at certain times only',
    ]);
    expect(warnings({ rules: [{ direction: 'restore', windows: [{ from: '09:00', to: '10:00' }] }] })).toEqual([]);
  });

  it('finds approvals that hold for more than a day', () => {
    expect(warnings({ restore: { approvalWithin: '25h' } })).toEqual([
      'approvalWithin of restore is longer than 24 hours',
    ]);
  });

  it('finds kills that wait for a second person', () => {
    const few = [person('mo', 'release-manager', 'admin'), person('sam', 'release-manager')];
    const alone = 'a kill takes two people, and there are two operators: nobody else may be awake';
    const critical = 'a kill of a critical flag takes two people, and it is the one that must not wait';
    expect(warnings({ kill: { people: 2 } }, few)).toEqual([alone, critical]);
    expect(warnings({ kill: { people: 2 } })).toEqual([critical]);
    expect(warnings({ kill: { people: 2 }, rules: [{ critical: true, direction: 'kill', people: 1 }] })).toEqual([]);
  });

  it('tells errors first, of every environment by its name', () => {
    const all = policySanity(
      configSchema.parse({
        version: 1,
        team: 't',
        environments: { production: {}, staging: {} },
        policy: { production: { restore: { approvalWithin: '2d' } }, staging: { restore: { people: 2 } } },
      }),
    );
    expect(all.map(({ severity, environment }) => [severity, environment])).toEqual([
      ['error', 'staging'],
      ['warning', 'production'],
    ]);
  });
});
