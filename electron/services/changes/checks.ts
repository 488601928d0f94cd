import type { Change, ChangePayload, PolicyDemand } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { demandFor, strictest, takesAway } from '../../../shared/rules/policy.ts';
import { heldBy } from '../../../shared/rules/policy-hold.ts';
import { policyOf } from '../../../shared/rules/policy-terms.ts';
import type { Permit } from '../approvals/api.ts';
import type { Actor } from '../signing/actor.ts';
import { lastRestoreAtMs } from './last-restore.ts';
import { questionOf } from './policy-question.ts';
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
    return new ScramError('expired', 'what was previewed is too old', {
      action: 'look again, and decide anew',
    });
  }
  // Policy as it stands now counts beside what the preview showed: neither may be gone around.
  const question = questionOf(ports, refOf(payload), { ...payload, takesAway: takesAway(payload) });
  const now = demandFor(question);
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

/** What policy asks for the change as things are now, beside what it asked when it was previewed: the stricter counts. */
export function demandNow(ports: Pick<ChangePorts, 'config' | 'flags'>, { payload }: Change): PolicyDemand {
  return demandFor(questionOf(ports, refOf(payload), { ...payload, takesAway: takesAway(payload) }));
}

/**
 * Why the change may not begin now, with nothing journalled, so that it can begin later: no permit by a second person
 * (D1), no role (D5), another console's, held by policy's windows (D2) or by an incident (D9). Null when it may.
 */
export function whyNotBegin(
  ports: ChangePorts,
  change: Change,
  actor: Actor | null,
  batch?: string,
): ScramError | null {
  const { payload } = change;
  if (payload.device !== ports.ledger.device) {
    return new ScramError('refused', 'it was proposed on another console, and is executed there alone');
  }
  const permit = permitOf(ports, change, actor, batch);
  if (permit instanceof ScramError) return permit;
  // Whoever acts alone in an emergency, and answers for it, waits for no window.
  const held = permit.breakGlass === undefined ? holdOf(ports, payload) : null;
  if (held !== null) return held;
  const incident = ports.incidents.heldBy(change);
  if (incident === null) return null;
  return new ScramError(
    'refused',
    `the incident «${incident.title}» is open: changes other than mitigations are held`,
    {
      action: 'close the incident, or let this change through with a reason',
    },
  );
}

/** What allows this person to run the change, or why nothing does (D1, D5). `batch`: the bulk kill that begins with it. */
export function permitOf(ports: ChangePorts, change: Change, actor: Actor | null, batch?: string): Permit | ScramError {
  const demand = strictest([change.payload.demand, demandNow(ports, change)]);
  return ports.fourEyes.whyNotMake(demand, actor) ?? ports.fourEyes.permitFor(change, demand, actor, batch);
}

/** Why policy holds the change at the moment (D2): outside its time windows, or too soon after a restore. */
export function holdOf(ports: ChangePorts, payload: ChangePayload): ScramError | null {
  const { environment } = payload;
  const { ledger, clock } = ports;
  const nowMs = clock.now();
  const question = questionOf(ports, refOf(payload), { ...payload, takesAway: takesAway(payload) });
  // Reading the whole ledger is for those who asked for a cool-down.
  const cools = policyOf(question.policy, environment)?.coolDown !== undefined && !question.takesAway;
  const restoredAtMs = cools ? lastRestoreAtMs(ledger, refOf(payload), environment) : null;
  const held = heldBy({ ...question, nowMs, lastRestoreAtMs: restoredAtMs });
  if (held === null) return null;
  const settings = `policy.${environment} in scram.yaml`;
  const until = held.untilMs === null ? null : minuteInUtc(held.untilMs);
  return new ScramError('refused', `${held.why}; nothing was done`, {
    action: until === null ? `mend the windows under ${settings}` : `try again from ${until} on, or change ${settings}`,
  });
}

/** The first whole minute at or after it. */
function minuteInUtc(atMs: number): string {
  const iso = new Date(Math.ceil(atMs / 60_000) * 60_000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function missingReason({ environment }: { readonly environment: string }): ScramError {
  return new ScramError('refused', `policy of ${environment} asks for a reason`, { action: 'give a reason' });
}
