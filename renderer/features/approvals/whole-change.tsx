import { Users } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { ChangesInOrder, WhatWillHappen } from '../../kit/change/index.ts';
import { useText } from '../../messages/index.ts';
import { Asks } from './asks.tsx';
import styles from './approvals.module.css';

export interface WholeChangeProps {
  readonly item: ApprovalItem;
  /** How things are now: what the decision rests on. */
  readonly evidence?: ReactNode;
}

/** Everything that will happen, exactly: one change whole, or each change of a bulk kill in order (D1). */
export function WholeChange({ item, evidence }: WholeChangeProps) {
  const t = useText();
  const [only] = item.changes;
  if (!item.batch && only) return <WhatWillHappen payload={only.payload} whole evidence={evidence} />;
  const services = [...new Set(item.changes.flatMap(({ payload }) => payload.affectedServices))];
  return (
    <section aria-label={t('changes.whatWillHappen')} className={styles.whole}>
      <p className={styles.lead}>
        <Asks item={item} />
      </p>
      <p className={styles.inline}>
        <Users aria-hidden size={14} />
        {services.length === 0
          ? t('changes.bulkAffectsUnknown')
          : t('changes.bulkAffects', { services: services.join(', ') })}{' '}
        {t('changes.bulkUndo')}
      </p>
      <ChangesInOrder changes={item.changes} />
      {evidence}
    </section>
  );
}
