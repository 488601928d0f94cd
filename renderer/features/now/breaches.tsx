import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import type { Breach, SliView } from '../../../shared/contract/slis.ts';
import { clockTime, cx, durationText, formatValue, Skeleton, StatusPill, useNow } from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './now.module.css';

export interface BreachesProps {
  readonly breaches: readonly Breach[];
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** The breach strip: one line each, worst first. */
export function Breaches({ breaches, stale, asOfMs }: BreachesProps) {
  const t = useText();
  return (
    <ul className={cx(styles.breaches, stale && styles.old)} aria-label={t('now.breaches')}>
      {breaches.map((breach) => (
        <BreachLine key={breach.sli.id} breach={breach} asOfMs={stale ? asOfMs : null} />
      ))}
    </ul>
  );
}

function BreachLine({ breach, asOfMs }: { readonly breach: Breach; readonly asOfMs: number | null }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const now = useNow();
  const { sli, value, sinceMs } = breach;
  const { objective } = sli;
  return (
    <li className={styles.breach}>
      <TriangleAlert aria-hidden size={16} />
      <strong>{sli.service}</strong>
      <span className={styles.breachName}>{sli.name}</span>
      <strong className={styles.breachValue}>{formatValue(value, sli.unit, language)}</strong>
      {objective ? (
        <span>
          {'below' in objective
            ? t('charts.below', { value: formatValue(objective.below, sli.unit, language) })
            : t('charts.above', { value: formatValue(objective.above, sli.unit, language) })}
        </span>
      ) : null}
      <span>{t('now.breach.for', { duration: durationText(Math.max(0, (asOfMs ?? now) - sinceMs)) })}</span>
      {asOfMs === null ? null : <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(asOfMs) })}</StatusPill>}
    </li>
  );
}

/** Nothing burns, said only of what could be judged: an SLI without samples is not "fine". */
export function Calm({ views, loading }: { readonly views: readonly SliView[]; readonly loading: boolean }) {
  const t = useText();
  if (loading) {
    return (
      <div className={styles.breaches}>
        <Skeleton lines={1} height={36} />
      </div>
    );
  }
  const judged = views.filter((view) => view.status.state === 'ok');
  const unknown = views.length - judged.length;
  const blind = judged.length === 0;
  const Icon = blind ? CircleHelp : CircleCheck;
  return (
    <p className={cx(styles.breaches, styles.calm, blind ? styles.blind : styles.fine)} role="status">
      <Icon aria-hidden size={16} />
      <strong>{blind ? t('now.blind') : t('now.calm')}</strong>
      {blind ? null : <span>{t('now.calm.within', { count: judged.length })}</span>}
      {unknown > 0 ? <span>{t('now.calm.unknown', { count: unknown })}</span> : null}
    </p>
  );
}
