import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import { type Config, configSchema } from '../../../shared/model/config/index.ts';
import { flagTypeSchema } from '../../../shared/model/flag.ts';
import { roleSchema } from '../../../shared/model/operator.ts';
import { demandFor } from '../../../shared/rules/policy.ts';
import { mayApprove, mayBreakGlass, mayMake, rightsOf } from '../../../shared/rules/roles.ts';
import { type MayApprove, type MayChange, whoCan } from '../../../shared/rules/who-can.ts';

const roles = fc.uniqueArray(fc.constantFrom(...roleSchema.options), { minLength: 1, maxLength: 3 });
// Few letters and many stars, so that patterns overlap each other and the keys.
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 3 });
const terms = {
  people: fc.constantFrom(1, 2),
  roles,
  approvers: roles,
};
const rule = fc.record(
  {
    ...terms,
    types: fc.uniqueArray(fc.constantFrom(...flagTypeSchema.options), { minLength: 1 }),
    flags: fc.array(pattern, { minLength: 1, maxLength: 2 }),
    critical: fc.boolean(),
    direction: fc.constantFrom('kill', 'restore'),
  },
  { requiredKeys: [] },
);
const policy = fc.record(
  {
    kill: fc.record(terms, { requiredKeys: [] }),
    restore: fc.record(terms, { requiredKeys: [] }),
    rules: fc.array(rule, { maxLength: 5 }),
    breakGlass: fc.record({ allowed: fc.boolean(), roles }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const operator = fc.record({ id: fc.constantFrom('a', 'b', 'c'), name: fc.constant('N'), roles });

function configOf(more: object): Config {
  return configSchema.parse({ version: 1, team: 't', environments: { production: {}, staging: {} }, ...more });
}

const longer = (keys: readonly string[]): string[] => keys.flatMap((key) => [key, `${key}a`, `${key}b`, `${key}z`]);
/** Every key of at most three letters: of the patterns' own, and of one that stands in none. */
const KEYS = [...new Set(longer(longer(longer(['']))))];

/** What each flag that there can be is answered, each answer once. */
function answers<T>(config: Config, environment: string, takesAway: boolean, ask: (demand: PolicyDemand) => T): T[] {
  const found = new Set<T>();
  for (const key of KEYS) {
    for (const type of flagTypeSchema.options) {
      for (const critical of [true, false]) {
        found.add(ask(demandFor({ policy: config.policy, environment, flag: { key, type, critical }, takesAway })));
      }
    }
  }
  return [...found];
}

describe('D2, D5: the table of who can do what', () => {
  it('agrees with what is asked of any change of any flag, for any policy and any people', () => {
    fc.assert(
      fc.property(policy, fc.array(operator, { minLength: 1, maxLength: 3 }), (production, operators) => {
        const config = configOf({ policy: { production }, operators });
        for (const [index, row] of whoCan(config).entries()) {
          const own = config.operators[index]?.roles ?? [];
          expect(row.administer).toBe(rightsOf(own).has('administer'));
          for (const place of row.places) {
            const { environment } = place;
            const alike = <T>(found: T[]): T | 'depends' => (found.length === 1 ? (found[0] as T) : 'depends');
            const make = (demand: PolicyDemand): MayChange => {
              if (!mayMake(own, demand)) return 'no';
              return demand.people === 1 ? 'alone' : 'with-approval';
            };
            expect(place.kill).toBe(alike(answers(config, environment, true, make)));
            expect(place.restore).toBe(alike(answers(config, environment, false, make)));
            const both = <T>(ask: (demand: PolicyDemand) => T): T[] => [
              ...new Set([...answers(config, environment, true, ask), ...answers(config, environment, false, ask)]),
            ];
            const approves = both((demand): MayApprove => (mayApprove(own, demand) ? 'yes' : 'no'));
            const asked = both(({ people }) => people).includes(2);
            expect(place.approve).toBe(asked ? alike(approves) : 'not-asked');
            const glass = environment === 'production' ? config.policy.production : undefined;
            expect(place.breakGlass).toBe(mayBreakGlass(own, glass));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says that it depends only where two flags are answered differently', () => {
    const config = configOf({
      policy: {
        production: {
          kill: { people: 1 },
          rules: [
            { flags: ['ops_*'], direction: 'kill', people: 2 },
            { flags: ['*_pay'], direction: 'kill', roles: ['release-manager'] },
          ],
        },
      },
      operators: [
        { id: 'r', name: 'R', roles: ['responder'] },
        { id: 'm', name: 'M', roles: ['release-manager'] },
        { id: 'v', name: 'V', roles: ['viewer', 'admin'] },
      ],
    });
    expect(whoCan(config)).toEqual([
      {
        operator: 'r',
        roles: ['responder'],
        keys: 0,
        administer: false,
        places: [
          { environment: 'production', kill: 'depends', restore: 'alone', approve: 'no', breakGlass: false },
          { environment: 'staging', kill: 'alone', restore: 'alone', approve: 'not-asked', breakGlass: false },
        ],
      },
      expect.objectContaining({
        operator: 'm',
        places: [expect.objectContaining({ kill: 'depends', restore: 'alone', approve: 'yes' }), expect.anything()],
      }),
      expect.objectContaining({
        operator: 'v',
        administer: true,
        places: [expect.objectContaining({ kill: 'no', restore: 'no', approve: 'no' }), expect.anything()],
      }),
    ]);
  });

  it('has one line for whoever starts the console where nobody is named: what takes two cannot be done', () => {
    const rows = whoCan(
      configOf({ policy: { production: { restore: { people: 2 }, breakGlass: { allowed: true } } } }),
    );
    expect(rows).toEqual([
      {
        operator: null,
        roles: [],
        keys: 0,
        administer: true,
        places: [
          { environment: 'production', kill: 'alone', restore: 'no', approve: 'no', breakGlass: false },
          { environment: 'staging', kill: 'alone', restore: 'alone', approve: 'not-asked', breakGlass: false },
        ],
      },
    ]);
  });
});
