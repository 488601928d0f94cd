import type { PolicyDemand } from '../model/change.ts';
import type { Config } from '../model/config/index.ts';
import type { Role } from '../model/operator.ts';
import { demandFor } from './policy.ts';
import { sampleFlags } from './policy-samples.ts';
import { type Direction, policyOf } from './policy-terms.ts';
import { mayApprove, mayBreakGlass, mayMake, rightsOf } from './roles.ts';

/** `depends`: on the flag, since a rule of the policy says otherwise for some. */
export type MayChange = 'alone' | 'with-approval' | 'depends' | 'no';
/** `not-asked`: no change in this environment takes a second person. */
export type MayApprove = 'yes' | 'depends' | 'no' | 'not-asked';

/** What one person may do in one environment. */
export interface Place {
  readonly environment: string;
  readonly kill: MayChange;
  readonly restore: MayChange;
  readonly approve: MayApprove;
  readonly breakGlass: boolean;
}

export interface WhoCanRow {
  /** Null for whoever starts the console, where no operators are configured. */
  readonly operator: string | null;
  readonly roles: readonly Role[];
  /** Public keys that the person has; with none they can unlock no console yet. */
  readonly keys: number;
  readonly places: readonly Place[];
  readonly administer: boolean;
}

export type PolicySubject = Pick<Config, 'policy' | 'operators' | 'environments'>;

/** Who can do what, by person and environment (D5), as policy and roles say; that keys are missing does not change it. */
export function whoCan({ policy, operators, environments }: PolicySubject): WhoCanRow[] {
  const demands = Object.keys(environments).map((environment) => ({
    environment,
    configured: policyOf(policy, environment),
    kill: demandsOf(policy, environment, 'kill'),
    restore: demandsOf(policy, environment, 'restore'),
  }));
  if (operators.length === 0) {
    // Nobody is told apart: one person does everything, and what takes two cannot be done.
    const alone = (list: readonly PolicyDemand[]): MayChange => mayChange(list, () => true, 'no');
    const places = demands.map(
      ({ environment, kill, restore }): Place => ({
        environment,
        kill: alone(kill),
        restore: alone(restore),
        approve: approval([...kill, ...restore], () => false),
        breakGlass: false,
      }),
    );
    return [{ operator: null, roles: [], keys: 0, places, administer: true }];
  }
  return operators.map(({ id, roles, publicKeys }) => ({
    operator: id,
    roles,
    keys: publicKeys.length,
    places: demands.map(({ environment, configured, kill, restore }) => ({
      environment,
      kill: mayChange(kill, (demand) => mayMake(roles, demand), 'with-approval'),
      restore: mayChange(restore, (demand) => mayMake(roles, demand), 'with-approval'),
      approve: approval([...kill, ...restore], (demand) => mayApprove(roles, demand)),
      breakGlass: mayBreakGlass(roles, configured),
    })),
    administer: rightsOf(roles).has('administer'),
  }));
}

/** What policy asks in one direction, of each kind of flag that it tells apart; each once. */
export function demandsOf(policy: Config['policy'], environment: string, direction: Direction): PolicyDemand[] {
  const found = new Map<string, PolicyDemand>();
  for (const flag of sampleFlags(policyOf(policy, environment))) {
    const demand = demandFor({ policy, environment, flag, takesAway: direction === 'kill' });
    found.set(JSON.stringify([demand.people, demand.roles, demand.approvers]), demand);
  }
  return [...found.values()];
}

function mayChange(
  demands: readonly PolicyDemand[],
  may: (demand: PolicyDemand) => boolean,
  withTwo: MayChange,
): MayChange {
  const answers = new Set(demands.map((demand) => (may(demand) ? (demand.people === 1 ? 'alone' : withTwo) : 'no')));
  const [only] = answers;
  return only !== undefined && answers.size === 1 ? only : 'depends';
}

function approval(demands: readonly PolicyDemand[], may: (demand: PolicyDemand) => boolean): MayApprove {
  if (demands.every(({ people }) => people === 1)) return 'not-asked';
  const answers = new Set(demands.map(may));
  if (answers.size > 1) return 'depends';
  return answers.has(true) ? 'yes' : 'no';
}
