import { useState } from 'react';
import type { ApprovalItem, ApprovalState } from '../../../shared/model/approval.ts';
import { Button, StatusPill, Time, type Tint } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { Asks, asksText } from './asks.tsx';
import { CarriedText } from './carried-text.tsx';
import { Why } from './why.tsx';

const TINTS: Readonly<Record<ApprovalState, Tint>> = {
  waiting: 'blue',
  approved: 'green',
  refused: 'red',
  withdrawn: 'neutral',
  edited: 'amber',
  moved: 'amber',
  expired: 'amber',
  used: 'green',
};

/** Those that are over, and those approved that their requester has still to execute, each with why; folded. */
export function EndedItems({ items }: { readonly items: readonly ApprovalItem[] }) {
  const t = useText();
  if (items.length === 0) return null;
  return (
    <details className={styles.fold}>
      <summary>{t('approvals.endedCount', { count: items.length })}</summary>
      <ul aria-label={t('approvals.endedList')} className={styles.endedList}>
        {items.map((item) => (
          <Ended key={item.request.hash} item={item} />
        ))}
      </ul>
    </details>
  );
}

function Ended({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const [shown, setShown] = useState(false);
  const name = item.deciderName ?? '';
  return (
    <li className={styles.endedItem}>
      <div className={styles.row}>
        <div className={styles.rowWords}>
          <p>
            <strong>{t('approvals.asksFor', { name: item.requesterName })}</strong> <Asks item={item} />
          </p>
          <p className={styles.line}>
            <StatusPill tint={TINTS[item.state]}>
              {item.state === 'approved'
                ? t('approvals.approvedNotYet', { name })
                : item.state === 'waiting'
                  ? t('approvals.state.waiting')
                  : t(`approvals.ended.${item.state}`, { name })}
            </StatusPill>
            <Time atMs={item.decision?.body.atMs ?? item.request.body.atMs} />
            <Why item={item} />
          </p>
        </div>
        {item.decision ? (
          <Button
            size="s"
            aria-expanded={shown}
            aria-label={`${t('approvals.answerText')}: ${asksText(t, item)}`}
            onClick={() => setShown(!shown)}
          >
            {t('approvals.answerText')}
          </Button>
        ) : null}
      </div>
      {shown ? <CarriedText item={item} what="decision" /> : null}
    </li>
  );
}
