import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { Badge } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { Asks } from './asks.tsx';
import { Countdown } from './countdown.tsx';
import { Decide } from './decide.tsx';
import { Facts } from './facts.tsx';
import { SlisNow } from './slis-now.tsx';
import { WholeChange } from './whole-change.tsx';

export interface WaitingItemProps {
  readonly item: ApprovalItem;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onDecided: (item: ApprovalItem) => void;
}

/** One request that waits: its sentence; unfolded, everything that the second person must see before deciding (D1, D7). */
export function WaitingItem({ item, open, onToggle, onDecided }: WaitingItemProps) {
  const t = useText();
  const id = useId();
  const tone = item.changes[0]?.payload.tone ?? 'neutral';
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <li className={styles.item} data-tone={tone} data-request={item.request.hash}>
      <h3>
        <button type="button" className={styles.summary} aria-expanded={open} aria-controls={id} onClick={onToggle}>
          <Icon aria-hidden size={16} />
          <span className={styles.sentence}>
            <strong>{t('approvals.asksFor', { name: item.requesterName })}</strong> <Asks item={item} />
          </span>
          <span className={styles.aside}>
            {item.origin === 'here' ? null : <Badge>{t(`approvals.from.${item.origin}`)}</Badge>}
            {open ? null : <Countdown untilMs={item.request.body.expiresAtMs} />}
          </span>
        </button>
      </h3>
      <div id={id} hidden={!open} className={styles.body}>
        {open ? (
          <>
            <div className={styles.main}>
              <WholeChange item={item} evidence={<SlisNow item={item} />} />
            </div>
            <div className={styles.side}>
              <Facts item={item} />
              <Decide item={item} onDecided={onDecided} />
            </div>
          </>
        ) : null}
      </div>
    </li>
  );
}
