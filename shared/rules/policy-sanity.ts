import type { PolicyDemand } from '../model/change.ts';
import type { OperatorConfig } from '../model/config/index.ts';
import { demandFor } from './policy.ts';
import { sampleFlags } from './policy-samples.ts';
import { checkGlass, checkTerms } from './policy-sanity-settings.ts';
import { type Direction, policyOf } from './policy-terms.ts';
import { mayApprove, mayMake, rightsOf, rolesWords } from './roles.ts';
import { demandsOf, type PolicySubject } from './who-can.ts';

/** Something about a policy that would be found out when it is too late. An `error` keeps people from acting. */
export interface PolicyFinding {
  readonly severity: 'error' | 'warning';
  /** Null when it is about the people, wherever they act. */
  readonly environment: string | null;
  readonly what: string;
  /** What to do about it. */
  readonly action: string;
}

/** With two, one away is enough that nobody can act. */
const ENOUGH_PEOPLE = 3;

const ENROL = 'enrol (scram operator enrol ID), and add what it prints under publicKeys';

const DOING: Readonly<Record<Direction, string>> = {
  kill: 'take a feature away',
  restore: 'give a feature to users',
};

/** Everything about the policy that keeps people from acting, or lets them act unseen (D1, D2, D3); errors first. */
export function policySanity(subject: PolicySubject): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const { operators } = subject;
  if (operators.length > 0 && !operators.some(({ roles }) => rightsOf(roles).has('administer'))) {
    const what = 'no operator is an admin, so that nobody can sign the list of operators';
    findings.push({ severity: 'error', environment: null, what, action: 'give one of them the role admin' });
  }
  const keyless = operators.length > 0 && operators.every(({ publicKeys }) => publicKeys.length === 0);
  if (keyless) {
    const what = 'no operator has a public key yet, so that nobody can unlock a console';
    findings.push({ severity: 'error', environment: null, what, action: ENROL });
  } else {
    findings.push(...approversWithoutKey(subject));
  }
  for (const environment of Object.keys(subject.environments)) {
    const add = (severity: PolicyFinding['severity'], what: string, action: string): void =>
      void findings.push({ severity, environment, what, action });
    for (const direction of ['kill', 'restore'] as const) checkPeople(subject, environment, direction, keyless, add);
    checkKills(subject, environment, add);
    const configured = policyOf(subject.policy, environment);
    if (configured === undefined) continue;
    checkTerms(configured, operators, add);
    checkGlass(configured, operators, add);
  }
  return findings.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

/** Notes one finding of the environment that is looked at. */
export type Add = (severity: PolicyFinding['severity'], what: string, action: string) => void;

/** That there is somebody who may ask, and somebody else who may approve. */
function checkPeople(
  { policy, operators }: PolicySubject,
  environment: string,
  direction: Direction,
  /** That no key is there at all is said once. */
  keyless: boolean,
  add: Add,
): void {
  const demands = demandsOf(policy, environment, direction);
  const problems = demands.flatMap((demand) => {
    if (operators.length === 0) return demand.people === 2 ? NOBODY_KNOWN : [];
    return stuck(demand, operators) ?? (keyless ? null : stuckForWantOfKeys(demand, operators)) ?? [];
  });
  const where = problems.length === demands.length ? '' : ', for some flags';
  for (const [what, { action }] of new Map(problems.map((problem) => [problem.what, problem]))) {
    add('error', `nobody can ${DOING[direction]}${where}: ${what}`, action);
  }
}

interface Stuck {
  readonly what: string;
  readonly action: string;
}

const NOBODY_KNOWN: Stuck = {
  what: 'two people are asked for, and no operators are configured',
  action: 'name the operators, or ask for one person',
};

/** Why none of these people can bring such a change about; null when some can. */
function stuck(demand: PolicyDemand, people: readonly OperatorConfig[]): Stuck | null {
  const makers = people.filter(({ roles }) => mayMake(roles, demand));
  if (makers.length === 0) {
    return { what: 'no operator has a role that may', action: `give one of them ${rolesWords(demand.roles, 'act')}` };
  }
  if (demand.people === 1) return null;
  const approvers = people.filter(({ roles }) => mayApprove(roles, demand));
  if (approvers.length === 0) {
    const action = `give one of them ${rolesWords(demand.approvers, 'approve')}`;
    return { what: 'no operator has a role that may approve it', action };
  }
  if (makers.some((maker) => approvers.some((approver) => approver !== maker))) return null;
  const [only] = approvers;
  const what = `${only?.id} is the only one who may ask, and the only one who may approve`;
  return { what, action: 'let another operator ask, or approve' };
}

function stuckForWantOfKeys(demand: PolicyDemand, people: readonly OperatorConfig[]): Stuck | null {
  const withKeys = people.filter(({ publicKeys }) => publicKeys.length > 0);
  if (stuck(demand, withKeys) === null) return null;
  return { what: 'those who may have no public key yet', action: ENROL };
}

/** An approver who can unlock no console is not there when they are needed. */
function approversWithoutKey({ policy, operators, environments }: PolicySubject): PolicyFinding[] {
  const asked = Object.keys(environments).map((environment) => ({
    environment,
    demands: (['kill', 'restore'] as const)
      .flatMap((direction) => demandsOf(policy, environment, direction))
      .filter(({ people }) => people === 2),
  }));
  return operators.flatMap(({ id, roles, publicKeys }): PolicyFinding[] => {
    const places = asked.filter(({ demands }) => demands.some((demand) => mayApprove(roles, demand)));
    if (publicKeys.length > 0 || places.length === 0) return [];
    const where = places.map(({ environment }) => environment).join(', ');
    const what = `${id} may approve in ${where}, and has no public key to approve with`;
    return [{ severity: 'warning', environment: null, what, action: ENROL.replace('ID', id) }];
  });
}

/** Taking a feature away must not have to wait for somebody to wake up. */
function checkKills({ policy, operators }: PolicySubject, environment: string, add: Add): void {
  const flags = sampleFlags(policyOf(policy, environment));
  const asked = flags.filter((flag) => demandFor({ policy, environment, flag, takesAway: true }).people === 2);
  if (asked.length === 0) return;
  const glass = policyOf(policy, environment)?.breakGlass?.allowed === true ? '' : ', or allow breakGlass';
  const action = `ask for one person in policy.${environment}${glass}`;
  if (operators.length > 0 && operators.length < ENOUGH_PEOPLE) {
    const count = operators.length === 1 ? 'one operator' : 'two operators';
    add('warning', `a kill takes two people, and there are ${count}: nobody else may be awake`, action);
  }
  if (asked.some(({ critical }) => critical)) {
    add('warning', 'a kill of a critical flag takes two people, and it is the one that must not wait', action);
  }
}
