import { Users } from 'lucide-react';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import { mayApprove } from '../../../shared/rules/roles.ts';
import { useRights } from '../../client/index.ts';
import { durationText, StatusPill } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import type { Terms } from './terms.ts';

export interface TwoPeopleProps {
  readonly demand: PolicyDemand;
  readonly terms: Terms;
}

/** That a second person must approve it, and who that can be: part of what will happen (D1, D2). */
export function TwoPeople({ demand, terms }: TwoPeopleProps) {
  const t = useText();
  const { people } = useRights();
  if (terms === 'alone') return null;
  if (terms === 'glass') {
    return (
      <p className={styles.twoPeople}>
        <StatusPill tint="red">{t('changes.glass')}</StatusPill> {t('changes.glassMeans')}
      </p>
    );
  }
  const able = (people?.roster.operators ?? []).filter(
    ({ id, roles, keys }) => id !== people?.me?.operator && keys.length > 0 && mayApprove(roles, demand),
  );
  const within = demand.approvalWithinMs;
  return (
    <p className={styles.twoPeople}>
      <Users aria-hidden size={16} />
      <span>
        <strong>{t('changes.twoPeople')}</strong>{' '}
        {able.length === 0
          ? t('changes.nobodyApproves')
          : t('changes.whoApproves', { names: able.map(({ name }) => name).join(', ') })}
        {within === undefined ? null : ` ${t('changes.approveWithin', { duration: durationText(within) })}`}
      </span>
    </p>
  );
}
