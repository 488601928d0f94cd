import type { PolicyFinding } from '../../../shared/rules/policy-sanity.ts';
import type { MayApprove, MayChange, Place, WhoCanRow } from '../../../shared/rules/who-can.ts';
import type { Output } from './command.ts';
import { table } from './table.ts';

const CHANGE_WORDS: Readonly<Record<MayChange, string>> = {
  alone: 'alone',
  'with-approval': 'with a second',
  depends: 'by flag',
  no: 'no',
};
const APPROVE_WORDS: Readonly<Record<MayApprove, string>> = {
  yes: 'yes',
  depends: 'by flag',
  no: 'no',
  'not-asked': '-',
};

const HEADER = ['OPERATOR', 'ROLES', 'KEYS', 'KILL', 'GIVE BACK', 'APPROVE', 'BREAK GLASS', 'ADMINISTER'];

/** What is wrong with the policy, each with what to do about it. */
export function sayFindings(findings: readonly PolicyFinding[], out: Output): void {
  for (const { severity, environment, what, action } of findings) {
    const where = environment === null ? 'operators' : `policy of ${environment}`;
    out.say(`${severity}: ${where}: ${what}\n    to do: ${action}`);
  }
}

/** Who can do what (D2, D5): a table for each environment; those in which everybody may do the same share one. */
export function sayWhoCan(people: readonly WhoCanRow[], out: Output): void {
  const environments = (people[0]?.places ?? []).map(({ environment }) => environment);
  const groups = Map.groupBy(environments, (environment) => JSON.stringify(cellsOf(people, environment)));
  for (const group of groups.values()) {
    const [first] = group;
    if (first !== undefined)
      out.say(`\nwho can do what in ${group.join(', ')}:\n${table(HEADER, cellsOf(people, first))}`);
  }
  const cells = people.flatMap(({ places }) => places);
  if (cells.some(({ kill, restore, approve }) => [kill, restore, approve].includes('depends'))) {
    out.say('by flag: a rule of the policy says otherwise for some');
  }
}

function cellsOf(people: readonly WhoCanRow[], environment: string): string[][] {
  return people.map(({ operator, roles, keys, places, administer }) => {
    const place = places.find((one) => one.environment === environment);
    const who = operator ?? 'whoever starts the console';
    return [who, roles.join(', '), operator === null ? '' : String(keys), ...wordsOf(place), yesNo(administer)];
  });
}

function wordsOf(place: Place | undefined): string[] {
  if (place === undefined) return ['', '', '', ''];
  const { kill, restore, approve, breakGlass } = place;
  return [CHANGE_WORDS[kill], CHANGE_WORDS[restore], APPROVE_WORDS[approve], yesNo(breakGlass)];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
