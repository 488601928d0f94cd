import { CircleCheck, CircleHelp, Eye, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { Recovery, Verdict } from '../../../shared/model/recovery.ts';
import type { Sli } from '../../../shared/model/sli.ts';
import { useStream } from '../../client/index.ts';
import { durationText, formatValue, StatusPill, type Tint, useNow } from '../../kit/index.ts';
import { useLanguage, useMessage, useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import { judged, overallVerdict, slowestRecovery, wasAccepted, wasNeverWorse } from './describe.ts';

const LOOK: Readonly<Record<Verdict, { tint: Tint; icon: LucideIcon }>> = {
  watching: { tint: 'blue', icon: Eye },
  recovered: { tint: 'green', icon: CircleCheck },
  'not-recovered': { tint: 'red', icon: TriangleAlert },
  'cannot-tell': { tint: 'grey', icon: CircleHelp },
};

/** Whether it helped, in words and numbers (A4). Silence is never called recovered. */
export function RecoveryStatus({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const { payload } = progress.change;
  const { data } = useStream('slis.watch', { environment: payload.environment, flag: payload.flag });
  const slis = new Map(data?.slis.map((view) => [view.sli.id, view.sli]));
  const name = (id: string) => {
    const sli = slis.get(id);
    return sli ? `${sli.service} ${sli.name}` : id;
  };
  const { recoveries } = progress;
  const over = ['refused', 'conflict', 'failed'].includes(progress.stage);
  const undo = payload.action === 'undo' && wasAccepted(progress) && recoveries.length === 0;
  const none = payload.affectedSlis.length === 0 || undo;
  const shown = recoveries.length > 0;
  const counted = judged(recoveries);
  const fine = recoveries.filter(wasNeverWorse);
  const tookMs = slowestRecovery(recoveries);
  const verdict = shown || none ? overallVerdict(recoveries) : 'watching';
  return (
    <section role="status" aria-label={t('changes.recovery')} className={styles.status}>
      <h2 className={styles.statusTitle}>
        {t('changes.recovery')}
        {over || (!wasAccepted(progress) && !none) ? null : (
          <StatusPill tint={LOOK[verdict].tint} icon={LOOK[verdict].icon}>
            {tookMs === null
              ? t(`changes.verdict.${verdict}`)
              : t('changes.recoveredAfter', { duration: durationText(tookMs) })}
          </StatusPill>
        )}
      </h2>
      {over ? (
        <p className={styles.quiet}>{t('changes.recoveryNone')}</p>
      ) : none ? (
        <p className={styles.quiet}>{t(undo ? 'changes.undoNotJudged' : 'changes.noSlis')}</p>
      ) : shown ? null : (
        <p className={styles.quiet}>{t('changes.recoveryWaits')}</p>
      )}
      {/* The figures change with each sample: the verdict above is announced, they are not (H1). */}
      <ul className={styles.recoveries} aria-live="off">
        {counted.map((recovery) => (
          <OneRecovery
            key={recovery.sli}
            recovery={recovery}
            sli={slis.get(recovery.sli)}
            alone={counted.length === 1}
          />
        ))}
      </ul>
      {fine.length === 0 ? null : (
        <p className={styles.quiet}>
          {t('changes.neverWorse', { slis: fine.map((each) => name(each.sli)).join(', ') })}
        </p>
      )}
    </section>
  );
}

interface OneRecoveryProps {
  readonly recovery: Recovery;
  readonly sli: Sli | undefined;
  /** The heading has said its verdict already. */
  readonly alone: boolean;
}

function OneRecovery({ recovery, sli, alone }: OneRecoveryProps) {
  const t = useText();
  const tm = useMessage();
  const language = useLanguage((state) => state.language);
  const value = (number: number | null) =>
    number === null ? t('changes.unknownValue') : sli ? formatValue(number, sli.unit, language) : String(number);
  const { tint, icon } = LOOK[recovery.verdict];
  const facts: readonly (readonly [string, string])[] = [
    [t('changes.baseline'), value(recovery.baselineMedian)],
    [t('changes.limit'), value(recovery.limit)],
    [t('changes.worst'), value(recovery.worst)],
    [t('changes.latest'), value(recovery.latest)],
    [
      t('changes.goodSamples'),
      t('changes.goodOf', {
        good: Math.min(recovery.goodSamples, recovery.neededSamples),
        needed: recovery.neededSamples,
      }),
    ],
  ];
  return (
    <li className={styles.recovery}>
      <div className={styles.recoveryHead}>
        <strong>{sli ? `${sli.service} ${sli.name}` : recovery.sli}</strong>
        {alone ? null : (
          <StatusPill tint={tint} icon={icon} quiet>
            {recovery.tookMs === null
              ? t(`changes.verdict.${recovery.verdict}`)
              : t('changes.recoveredAfter', { duration: durationText(recovery.tookMs) })}
          </StatusPill>
        )}
        {recovery.verdict === 'watching' ? <Window deadlineMs={recovery.deadlineMs} /> : null}
      </div>
      <p className={styles.quiet}>{tm(recovery.reason)}</p>
      <dl className={styles.facts}>
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function Window({ deadlineMs }: { readonly deadlineMs: number }) {
  const t = useText();
  const now = useNow();
  return (
    <span aria-hidden className={styles.stepTime}>
      {t('changes.windowLeft', { duration: durationText(deadlineMs - now) })}
    </span>
  );
}
