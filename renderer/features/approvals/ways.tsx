import { Database, QrCode, Users } from 'lucide-react';
import { useState } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { useStream } from '../../client/index.ts';
import { Button, clockTime, StatusPill } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { BesideDialog } from './beside-dialog.tsx';
import { CarriedText } from './carried-text.tsx';
import { TakeIn } from './take-in.tsx';

/** At this desk, over the team store, as text: all three at once, whichever answers first (D4). */
export function Ways({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const [beside, setBeside] = useState(false);
  const [carried, setCarried] = useState(false);
  return (
    <>
      <ul className={styles.ways} aria-label={t('approvals.ways')}>
        <li className={styles.way}>
          <Users aria-hidden size={16} />
          <p>{t('approvals.besideWhat')}</p>
          <Button size="s" onClick={() => setBeside(true)}>
            {t('approvals.beside')}
          </Button>
        </li>
        <li className={styles.way}>
          <Database aria-hidden size={16} />
          <Store />
        </li>
        <li className={styles.way}>
          <QrCode aria-hidden size={16} />
          <p>{t('approvals.textWhat')}</p>
          <Button size="s" aria-expanded={carried} onClick={() => setCarried(!carried)}>
            {t('approvals.text')}
          </Button>
        </li>
      </ul>
      {carried ? (
        <div className={styles.carried}>
          <CarriedText item={item} what="request" />
          <TakeIn label={t('approvals.pasteAnswer')} />
        </div>
      ) : null}
      {beside ? <BesideDialog item={item} onClose={() => setBeside(false)} /> : null}
    </>
  );
}

/** Nothing is to be done for this way: it says only whether it goes. */
function Store() {
  const t = useText();
  const { data } = useStream('team.watch', {});
  if (!data?.configured) return <p className={styles.muted}>{t('approvals.storeNone')}</p>;
  if (data.state !== 'synced') {
    return (
      <>
        <p>
          {data.lastSyncAtMs === null
            ? t('approvals.storeConnecting')
            : t('approvals.storeAway', { time: clockTime(data.lastSyncAtMs) })}
        </p>
        <StatusPill tint="amber">{t('approvals.store.away')}</StatusPill>
      </>
    );
  }
  return (
    <>
      <p>{t('approvals.storeWhat')}</p>
      <StatusPill tint="green">{t('approvals.store.synced')}</StatusPill>
    </>
  );
}
