import { Undo2 } from 'lucide-react';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { useStream } from '../../client/index.ts';
import { ActButton, clockTime, ErrorState, Skeleton, StatusPill, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import { canUndo } from './describe.ts';
import { ProofChart } from './proof-chart.tsx';
import { PropagationStatus } from './propagation.tsx';
import { RecoveryStatus } from './recovery.tsx';
import { code, environment, Sentence } from '../../kit/change/index.ts';

const DID = { kill: 'changes.didKill', undo: 'changes.didUndo', rollout: 'changes.didRollout' } as const;

/** One change from click to proof, as it goes on. */
export function LiveChange({ hash }: { readonly hash: string }) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('changes.watch', { hash });
  if (data) {
    return (
      <>
        {status !== 'live' && receivedAtMs !== null ? (
          <p>
            <StatusPill tint="amber">{t('changes.notLive', { time: clockTime(receivedAtMs, true) })}</StatusPill>
          </p>
        ) : null}
        <ChangeProof progress={data} />
        <ProofChart progress={data} />
      </>
    );
  }
  return error ? (
    <ErrorState title={t('changes.failed')} detail={error.message} action={error.action} />
  ) : (
    <Skeleton lines={4} />
  );
}

/** What was done, how far it has spread, whether it helped, and the way back. */
export function ChangeProof({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const askUndo = usePage((state) => state.askUndo);
  const { payload, hash } = progress.change;
  const params = { flag: code(payload.flag), environment: environment(payload.environment, payload.tone) };
  return (
    <div className={styles.proof}>
      <div className={styles.proofHead}>
        <p>
          <Sentence id={DID[payload.action]} params={{ ...params, percentage: payload.after.percentage ?? 0 }} />
          {progress.undoneBy === null ? null : <em className={styles.undone}> · {t('changes.undone')}</em>}
        </p>
        {canUndo(progress) ? (
          <ActButton
            size="s"
            icon={Undo2}
            aria-label={t('changes.undoTitle', { flag: payload.flag, environment: payload.environment })}
            onClick={() => askUndo(hash)}
          >
            {t('changes.undo')}
          </ActButton>
        ) : null}
      </div>
      <div className={styles.proofBody}>
        <PropagationStatus progress={progress} />
        <RecoveryStatus progress={progress} />
      </div>
    </div>
  );
}
