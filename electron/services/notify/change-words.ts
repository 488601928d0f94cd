import type { ChangePayload } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';

/** `kill enable_x`, `undo of a change of enable_x`, `enable_x to 20 % of users`. */
export function whatOf({ action, flag, after }: Pick<ChangePayload, 'action' | 'flag' | 'after'>): string {
  if (action === 'kill') return `kill ${flag}`;
  if (action === 'undo') return `undo of a change of ${flag}`;
  return after.percentage === null ? `roll-out of ${flag}` : `roll-out of ${flag} to ${after.percentage} % of users`;
}

const WHO = {
  everyone: 'everyone',
  some: 'some users',
  nobody: 'nobody',
  'code-default': 'as the code says',
  unknown: 'unknown',
};

/** Who has the feature, and what is served: `20 % of users, serves off`. */
export function stateWords({ exposure, percentage, serves, killed }: FlagState): string {
  const who = percentage !== null && exposure === 'some' ? `${percentage} % of users` : WHO[exposure];
  const served = serves === null ? '' : `, serves ${serves}`;
  return `${who}${served}${killed ? ', killed' : ''}`;
}

/** As much of a hash as a person compares. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
