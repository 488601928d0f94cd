import { Circle, CircleCheck, CircleX, Loader } from 'lucide-react';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { clockTime, Code, durationText, StatusPill, Time, useNow } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';

interface Step {
  readonly word: string;
  readonly atMs: number | null;
}

/** Requested → accepted → served → observed: "accepted" is never called "off" (B14). */
export function PropagationStatus({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const { propagation, stage, problem } = progress;
  const ended = stage === 'refused' || stage === 'conflict' || stage === 'failed' || stage === 'approval-required';
  const steps: Step[] = [
    { word: t('changes.stage.requested'), atMs: propagation.requestedAtMs },
    { word: t('changes.stage.accepted'), atMs: propagation.acceptedAtMs },
    { word: t('changes.stage.served'), atMs: propagation.servedAtMs },
  ];
  if (propagation.observers) {
    const { observed, expected } = propagation;
    steps.push({ word: t('changes.stage.observedOf', { observed, expected }), atMs: propagation.observedAtMs });
  }
  // Steps that have not happened stand without their word's promise: only "not yet" is said of them.
  const next = steps.findIndex((step) => step.atMs === null);
  return (
    <section role="status" aria-label={t('changes.propagation')} className={styles.status}>
      <h2 className={styles.statusTitle}>{t('changes.propagation')}</h2>
      <ol className={styles.steps}>
        {steps.map((step, index) => (
          <li key={step.word} className={styles.step} data-done={step.atMs !== null || undefined}>
            {step.atMs !== null ? (
              <CircleCheck aria-hidden size={15} className={styles.done} />
            ) : index === next && !ended ? (
              <Loader aria-hidden size={15} className={styles.pending} />
            ) : (
              <Circle aria-hidden size={15} />
            )}
            <span>{step.word}</span>{' '}
            <span className={styles.stepTime}>
              {step.atMs === null ? t('changes.notYet') : <Time atMs={step.atMs} as="clock" />}
            </span>
          </li>
        ))}
      </ol>
      {ended ? (
        <p className={styles.alarm}>
          <CircleX aria-hidden size={15} /> {t(`changes.stage.${stage}`)}
          {problem === null ? null : `: ${problem}`}
        </p>
      ) : null}
      {!ended && problem !== null ? <p className={styles.note}>{problem}</p> : null}
      {propagation.observers || ended ? null : <p className={styles.quiet}>{t('changes.noObserver')}</p>}
      {propagation.overdue ? (
        <p>
          <StatusPill tint="red">{t('changes.overdue')}</StatusPill>
        </p>
      ) : null}
      {ended ? null : <WorstCase atMs={propagation.worstCaseAtMs} over={propagation.observedAtMs !== null} />}
      {propagation.observations.length > 0 ? <Instances progress={progress} /> : null}
    </section>
  );
}

function WorstCase({ atMs, over }: { readonly atMs: number | null; readonly over: boolean }) {
  const t = useText();
  const now = useNow();
  if (over) return null;
  if (atMs === null) return <p className={styles.quiet}>{t('changes.worstCaseUnknown')}</p>;
  const time = clockTime(atMs, true);
  if (atMs <= now) return <p className={styles.quiet}>{t('changes.worstCasePassed', { time })}</p>;
  return (
    <p className={styles.quiet}>
      {t('changes.worstCase', { time })}
      {/* Ticks each second: for the eye alone, the sentence before it says the same once. */}
      <span aria-hidden> · {t('changes.worstCaseIn', { duration: durationText(atMs - now) })}</span>
    </p>
  );
}

function Instances({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const { observations } = progress.propagation;
  return (
    <details className={styles.details}>
      <summary>{t('changes.instances', { count: observations.length })}</summary>
      <ul className={styles.instances}>
        {observations.map((each) => (
          <li key={`${each.observer} ${each.instance}`}>
            <StatusPill tint={each.agrees ? 'green' : 'amber'} quiet>
              {t(each.agrees ? 'changes.agrees' : 'changes.disagrees')}
            </StatusPill>
            <Code>{each.instance}</Code>
            <span className={styles.quiet}>
              {each.region} {each.variant ?? t('changes.unknownVariant')}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
