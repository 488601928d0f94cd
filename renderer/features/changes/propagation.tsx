import { Circle, CircleCheck, CircleX, Loader } from 'lucide-react';
import type { ChangeProgress, Observation } from '../../../shared/model/change.ts';
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
      <div className={styles.sides}>
        <div className={styles.side}>
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
            <p className={styles.alarm}>
              <CircleX aria-hidden size={15} className={styles.fixed} /> {t('changes.overdue')}
            </p>
          ) : null}
          {ended ? null : <WorstCase atMs={propagation.worstCaseAtMs} over={propagation.observedAtMs !== null} />}
        </div>
        {ended || propagation.acceptedAtMs === null ? null : (
          <div className={styles.side}>
            <States progress={progress} />
            {propagation.observations.length > 0 ? <Regions observations={propagation.observations} /> : null}
          </div>
        )}
      </div>
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

/** What was meant and what the provider holds; what services use follows by region (B5). */
function States({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const { change, propagation } = progress;
  const { serves, targeting, percentage } = change.payload.after;
  const meant =
    serves === null ? (
      t('changes.codeDefault')
    ) : (
      <>
        <Code>{serves}</Code>
        {targeting !== null && percentage !== null && percentage > 0 ? (
          <span className={styles.quiet}> {t('changes.bulkShare', { percentage })}</span>
        ) : null}
      </>
    );
  return (
    <dl className={styles.states}>
      <dt>{t('changes.intended')}</dt>
      <dd>{meant}</dd>
      <dt>{t('changes.actual')}</dt>
      <dd>
        {propagation.servedAtMs === null ? <span className={styles.quiet}>{t('changes.actualUnread')}</span> : meant}
      </dd>
    </dl>
  );
}

/** More lines than these are folded away. */
const MOST_LINES = 6;

/** What is observed, region by region and instance by instance, those that lag first (B5). */
function Regions({ observations }: { readonly observations: readonly Observation[] }) {
  const t = useText();
  const regions = [...Map.groupBy(observations, (each) => each.region)]
    .map(([region, seen]) => ({ region, seen, agreeing: seen.filter(({ agrees }) => agrees).length }))
    .sort((a, b) => a.agreeing / a.seen.length - b.agreeing / b.seen.length);
  return (
    <section className={styles.regions} aria-label={t('changes.regions')}>
      <ul tabIndex={observations.length > MOST_LINES ? 0 : undefined}>
        {regions.map(({ region, seen, agreeing }) => {
          const [only] = seen;
          return (
            <li key={region ?? ''}>
              <StatusPill tint={agreeing === seen.length ? 'green' : 'amber'} quiet>
                {region ?? t('changes.noRegion')}
              </StatusPill>
              <span>{t('changes.regionCount', { observed: agreeing, expected: seen.length })}</span>
              {seen.length === 1 && only ? <Uses observation={only} /> : null}
            </li>
          );
        })}
      </ul>
      <Instances observations={observations} />
    </section>
  );
}

function Uses({ observation }: { readonly observation: Observation }) {
  const t = useText();
  const { variant, sinceMs } = observation;
  return (
    <>
      {variant === null ? <span className={styles.quiet}>{t('changes.unknownVariant')}</span> : <Code>{variant}</Code>}
      <span className={styles.time} title={t('changes.since', { time: clockTime(sinceMs, true) })}>
        <Time atMs={sinceMs} as="clock" />
      </span>
    </>
  );
}

function Instances({ observations }: { readonly observations: readonly Observation[] }) {
  const t = useText();
  return (
    <details className={styles.details}>
      <summary>{t('changes.instances', { count: observations.length })}</summary>
      <ul tabIndex={observations.length > MOST_LINES ? 0 : undefined}>
        {[...observations]
          .sort((a, b) => Number(a.agrees) - Number(b.agrees))
          .map((each) => (
            <li key={`${each.observer} ${each.region} ${each.instance}`}>
              <StatusPill tint={each.agrees ? 'green' : 'amber'} quiet>
                {t(each.agrees ? 'changes.agrees' : 'changes.disagrees')}
              </StatusPill>
              <Code>{each.instance}</Code>
              {each.region === null ? null : <span className={styles.quiet}>{each.region}</span>}
              <Uses observation={each} />
            </li>
          ))}
      </ul>
    </details>
  );
}
