import { CircleCheck, Users } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { ApprovalItem, ApprovalsState } from '../../../shared/model/approval.ts';
import { useRights, useStream } from '../../client/index.ts';
import { Button, clockTime, EmptyState, ErrorState, Panel, Skeleton, StatusPill } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { CarriedText } from './carried-text.tsx';
import { EndedItems } from './ended-items.tsx';
import { OwnItems } from './own-items.tsx';
import { Reviews } from './reviews.tsx';
import { sortItems } from './sort.ts';
import { TakeIn } from './take-in.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useWaitingKeys } from './use-waiting-keys.ts';
import { WaitingItem } from './waiting-item.tsx';

/** What waits for a second person, what one has asked for oneself, what is to be reviewed (D1, D3, D4). */
export function ApprovalsView() {
  const t = useText();
  const { people } = useRights();
  const { data, status, receivedAtMs, error } = useStream('approvals.watch', {});
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <h1 className={styles.title}>{t('approvals.title')}</h1>
        {data && status !== 'live' && receivedAtMs !== null ? (
          <StatusPill tint="amber">{t('changes.notLive', { time: clockTime(receivedAtMs, true) })}</StatusPill>
        ) : null}
      </header>
      {data ? (
        people && !people.enforced ? (
          <Panel title={t('approvals.waitingFor')}>
            <EmptyState icon={Users} title={t('approvals.noPeople')}>
              {t('approvals.noPeopleHow')}
            </EmptyState>
          </Panel>
        ) : (
          <Lists state={data} me={people?.me?.operator ?? null} />
        )
      ) : error ? (
        <ErrorState title={t('approvals.failed')} detail={error.message} action={error.action} />
      ) : (
        <Skeleton lines={6} />
      )}
    </div>
  );
}

function Lists({ state, me }: { readonly state: ApprovalsState; readonly me: string | null }) {
  const t = useText();
  const { waiting, own, ended } = useMemo(() => sortItems(state.items, me), [state.items, me]);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  /** Decided here about a request that came as text: the answer has to go back the same way. */
  const [answered, setAnswered] = useState<ApprovalItem | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useKeptFocus(list, heading, waiting);
  useWaitingKeys(list);
  // Until somebody folds or unfolds one, the first is open: the one that waits longest.
  const open = chosen ?? new Set(waiting.slice(0, 1).map(({ request }) => request.hash));
  const toggle = (hash: string) => {
    const next = new Set(open);
    if (!next.delete(hash)) next.add(hash);
    setChosen(next);
  };

  return (
    <>
      {answered ? (
        <Panel
          title={t('approvals.passOn', { name: answered.requesterName })}
          actions={
            <Button size="s" onClick={() => setAnswered(null)}>
              {t('approvals.done')}
            </Button>
          }
        >
          <CarriedText item={answered} what="decision" />
        </Panel>
      ) : null}
      <section className={styles.section}>
        <h2 ref={heading} tabIndex={-1} className={styles.heading}>
          {t('approvals.waitingFor')}{' '}
          <span role="status" className={styles.muted}>
            {waiting.length}
          </span>
        </h2>
        {waiting.length === 0 ? (
          <div className={styles.empty}>
            <EmptyState icon={CircleCheck} tint="green" title={t('approvals.none')}>
              {t('approvals.noneHow')}
            </EmptyState>
          </div>
        ) : null}
        <ul ref={list} aria-label={t('approvals.waitingFor')} className={styles.list}>
          {waiting.map((item) => (
            <WaitingItem
              key={item.request.hash}
              item={item}
              open={open.has(item.request.hash)}
              onToggle={() => toggle(item.request.hash)}
              onDecided={(decided) => setAnswered(decided.origin === 'bundle' ? decided : null)}
            />
          ))}
        </ul>
      </section>
      <OwnItems items={own} />
      <Reviews glass={state.glass} />
      <details className={styles.fold}>
        <summary>{t('approvals.import')}</summary>
        <TakeIn
          label={t('approvals.importLabel')}
          onTaken={({ kind, item }) => {
            if (kind === 'request') setChosen(new Set([item.request.hash]));
          }}
        />
      </details>
      <EndedItems items={ended} />
    </>
  );
}
