import type { Change } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { demandFor, takesAway } from '../../../shared/rules/policy.ts';
import { type ChangePorts, hashOfChange, refOf } from './ports.ts';

/** Why the change must not run, before the provider is asked anything (D2); null when it may. */
export function refusalOf(ports: ChangePorts, change: Change, confirmedAtMs: number): ScramError | null {
  const { payload } = change;
  if (hashOfChange(ports, change) !== change.hash) {
    return new ScramError('ledger', `change ${change.hash} is not what its hash names; nothing was done`, {
      action: 'run scram ledger verify',
    });
  }
  if (confirmedAtMs >= payload.expiresAtMs) {
    return new ScramError('expired', 'the preview is older than five minutes', {
      action: 'look again, and decide anew',
    });
  }
  // Policy as it stands now counts beside what the preview showed: neither may be gone around.
  const now = demandFor({
    policy: ports.config.policy,
    environment: payload.environment,
    flag: { critical: ports.flags.flag(refOf(payload))?.critical ?? false },
    takesAway: takesAway(payload),
  });
  if (Math.max(now.people, payload.demand.people) > 1) {
    return new ScramError(
      'refused',
      `policy of ${payload.environment} asks for two people; approvals by a second person are not in this version`,
      {
        action: `change it where the flag is managed, or set people: 1 under policy.${payload.environment} in scram.yaml`,
      },
    );
  }
  if (now.typed && !payload.demand.typed) {
    return new ScramError(
      'refused',
      `policy of ${payload.environment} asks to type the flag's name since the preview`,
      {
        action: 'look again, and decide anew',
      },
    );
  }
  if ((now.rationale || payload.demand.rationale) && change.rationale.trim() === '') return missingReason(payload);
  return null;
}

export function missingReason({ environment }: { readonly environment: string }): ScramError {
  return new ScramError('refused', `policy of ${environment} asks for a reason`, { action: 'give a reason' });
}
