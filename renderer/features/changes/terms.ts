import type { ApprovalsState } from '../../../shared/model/approval.ts';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import type { Me } from '../../../shared/model/operator.ts';

/**
 * How a change may be made. `alone`: by the one at the console. `approved`: only after a second person approved it.
 * `glass`: alone, because this person broke the glass in this environment and the time is not over (D3).
 */
export type Terms = 'alone' | 'approved' | 'glass';

export function termsOf(
  demand: Pick<PolicyDemand, 'people'>,
  environment: string,
  me: Pick<Me, 'operator'> | null,
  glass: ApprovalsState['glass'],
): Terms {
  const open = glass.some(
    ({ state, glass: own }) => state === 'open' && own.environment === environment && own.operator === me?.operator,
  );
  if (open) return 'glass';
  return demand.people < 2 ? 'alone' : 'approved';
}
