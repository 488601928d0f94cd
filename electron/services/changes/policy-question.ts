import type { PolicyQuestion } from '../../../shared/rules/policy.ts';
import type { FlagRef } from '../flags/api.ts';
import type { ChangePorts } from './ports.ts';

/** What policy is asked about a change of this flag (D2). One that is gone is refused elsewhere, by its name. */
export function questionOf(
  ports: Pick<ChangePorts, 'config' | 'flags'>,
  ref: FlagRef,
  change: { readonly environment: string; readonly takesAway: boolean },
): PolicyQuestion {
  const flag = ports.flags.flag(ref);
  return {
    policy: ports.config.policy,
    environment: change.environment,
    flag: { key: ref.key, type: flag?.type ?? 'release', critical: flag?.critical ?? false },
    takesAway: change.takesAway,
  };
}
