import { Eye, OctagonX, Percent, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { useCall } from '../../client/index.ts';
import { ActButton, clockTime, EmptyState, ErrorState, Skeleton, StatusPill, Time, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { historyOf, isUndoable } from './history.ts';
import styles from './flag-page.module.css';

const REFRESH_MS = 4_000;

/** Who changed it and when: changes seen at the provider and changes made from here, each of which can be undone. */
export function FlagHistory({ connection, flag }: { readonly connection: string; readonly flag: string }) {
  const t = useText();
  const { data, error, refetch } = useCall('flags.history', { connection, key: flag }, { refetchMs: REFRESH_MS });
  if (!data) {
    if (error)
      return (
        <ErrorState
          title={t('flags.notFound')}
          detail={error.message}
          action={error.action}
          onRetry={() => refetch()}
        />
      );
    return (
      <div className={styles.padded}>
        <Skeleton lines={3} />
      </div>
    );
  }
  const items = historyOf(data.markers, data.changes);
  if (items.length === 0) return <EmptyState title={t('flags.historyEmpty')} />;
  return (
    <ol className={styles.history} aria-label={t('flags.history')}>
      {items.map((item) =>
        item.kind === 'seen' ? (
          <Seen key={item.marker.id} marker={item.marker} />
        ) : (
          <Made key={item.progress.change.hash} progress={item.progress} />
        ),
      )}
    </ol>
  );
}

function Line({
  icon,
  atMs,
  environment,
  children,
}: {
  icon: ReactNode;
  atMs: number;
  environment: string;
  children: ReactNode;
}) {
  return (
    <li className={styles.item}>
      {icon}
      <div className={styles.what}>{children}</div>
      <span className={styles.muted}>{environment}</span>
      <span className={styles.muted}>
        <Time atMs={atMs} />
      </span>
    </li>
  );
}

function Seen({ marker }: { readonly marker: Marker }) {
  const t = useText();
  const { fromPercentage: from, toPercentage: to } = marker;
  const known = from !== null && to !== null && from !== to;
  return (
    <Line icon={<Eye aria-hidden size={14} />} atMs={marker.atMs} environment={marker.environment}>
      {known ? t('flags.seen', { from: `${from} %`, to: `${to} %` }) : t('flags.seenChanged')}{' '}
      <span className={styles.muted}>
        {t('flags.by', { who: marker.by ?? t('flags.elsewhere') })}
        {marker.approximate ? ` · ${t('flags.approximate')}` : null}
      </span>
    </Line>
  );
}

const ICONS = { kill: OctagonX, undo: Undo2, rollout: Percent } as const;
const DID = { kill: 'flags.didKill', undo: 'flags.didUndo', rollout: 'flags.didRollout' } as const;

function Made({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const askUndo = usePage((state) => state.askUndo);
  const { change, stage } = progress;
  const { payload } = change;
  const Icon = ICONS[payload.action];
  const atMs = progress.propagation.acceptedAtMs ?? change.proposedAtMs;
  const failed = stage === 'refused' || stage === 'conflict' || stage === 'failed' || stage === 'approval-required';
  return (
    <Line icon={<Icon aria-hidden size={14} />} atMs={atMs} environment={payload.environment}>
      <strong>{t(DID[payload.action], { percentage: payload.after.percentage ?? 0 })}</strong>{' '}
      <span className={styles.muted}>{t('flags.by', { who: t('flags.thisConsole') })}</span>{' '}
      {failed ? <StatusPill tint="amber">{t(`flags.outcome.${stage}`)}</StatusPill> : null}
      {progress.undoneBy === null ? null : <StatusPill tint="neutral">{t('flags.undone')}</StatusPill>}
      {change.rationale === '' ? null : <p className={styles.rationale}>{change.rationale}</p>}
      {isUndoable(progress) ? (
        <p>
          <ActButton
            size="s"
            icon={Undo2}
            aria-label={t('flags.undoNamed', { time: clockTime(atMs, true), environment: payload.environment })}
            onClick={() => askUndo(change.hash)}
          >
            {t('flags.undo')}
          </ActButton>
        </p>
      ) : null}
    </Line>
  );
}
