import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { PlannedWrite, ProviderFlag } from '../../../services/flags/provider.ts';
import { revisionOfJson } from '../shared/revision.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { type FliptFlag, flagSchema, jsonOf } from './resource.ts';
import { servedOf } from './serving.ts';

/** A flag that was kept by a change. Throws `refused` when it is another provider's. */
export function keptFlag(definition: JsonValue, key: string): FliptFlag {
  const read = flagSchema.safeParse(definition);
  if (read.success && read.data.key === key) return read.data;
  throw new ScramError('refused', `the kept definition of ${key} is not one of a Flipt connection`);
}

/** What gives everyone the safe variant, rules and all: those that would still serve another one are taken out. */
export function planKill(flag: ProviderFlag): PlannedWrite {
  const safe = flag.safeDefault;
  if (safe === null) throw noSafeVariant(flag.key, flag.variants);
  const now = keptFlag(flag.definition, flag.key);
  const notes: string[] = [];
  if (now.type === 'BOOLEAN_FLAG_TYPE') {
    if (now.rollouts.length > 0) {
      notes.push(
        `${count(now.rollouts.length, 'rollout')} taken out: Flipt evaluates rollouts before \`enabled\` (${flag.state.targeting}).`,
      );
    }
    return planned({ ...now, enabled: safe === 'true', rollouts: [] }, safe, notes);
  }
  if (now.rules.length > 0) notes.push(`${count(now.rules.length, 'rule')} taken out (${flag.state.targeting}).`);
  if (!now.enabled) {
    notes.push(`The flag is disabled, so that services use their code's default; it is enabled to serve ${safe}.`);
  }
  notes.push('Flipt answers a default variant without a match: services that take matches alone use their code.');
  return planned({ ...now, enabled: true, rules: [], defaultVariant: safe }, safe, notes);
}

/** What gives the feature to a share of users. Segments that decide before it keep on doing so. */
export function planRollout(flag: ProviderFlag, percentage: number): PlannedWrite {
  const safe = flag.safeDefault;
  if (safe === null) throw noSafeVariant(flag.key, flag.variants);
  const now = keptFlag(flag.definition, flag.key);
  if (now.type !== 'BOOLEAN_FLAG_TYPE') {
    throw new ScramError(
      'refused',
      `${flag.key} has variants: Flipt gives shares of users to its rules, not to the flag`,
      {
        action: "Change the distributions of the flag's rules in Flipt.",
      },
    );
  }
  if (!Number.isInteger(percentage) || percentage < 0 || percentage > 100) {
    throw new ScramError(
      'refused',
      `Flipt gives a feature to whole percents of users, from 0 to 100, not to ${percentage}`,
    );
  }
  const off = safe === 'true';
  const segments = now.rollouts.filter(({ segment }) => segment !== undefined);
  const share =
    percentage === 0 || percentage === 100
      ? []
      : [
          {
            type: 'THRESHOLD_ROLLOUT_TYPE',
            description: '',
            threshold: { percentage, value: !off },
          },
        ];
  const notes =
    segments.length === 0
      ? []
      : [
          `Rollouts by segment still decide before the share: ${servedOf({ ...now, rollouts: segments }, safe).targeting}.`,
        ];
  return planned({ ...now, enabled: percentage === 100 ? !off : off, rollouts: [...segments, ...share] }, safe, notes);
}

function planned(flag: FliptFlag, safe: string, notes: readonly string[]): PlannedWrite {
  const payload = jsonOf(flag);
  return {
    write: { payload },
    after: { ...servedOf(flag, safe), revision: revisionOfJson(payload) },
    definitionAfter: payload,
    notes,
  };
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what} is` : `${number} ${what}s are`;
}
