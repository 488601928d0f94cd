import { CircleCheck, CircleHelp, Siren, TriangleAlert } from 'lucide-react';
import type { Breach, SliView } from '../../../shared/contract/slis.ts';
import {
  Button,
  clockTime,
  cx,
  durationText,
  formatValue,
  Skeleton,
  StatusPill,
  useNow,
  usePage,
  useRefusal,
} from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './now.module.css';

export interface BreachesProps {
  readonly breaches: readonly Breach[];
  /** The charts' own streams: strip and chart name the same value. */
  readonly views: readonly SliView[];
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** The breach strip: one line each, worst first. */
export function Breaches({ breaches, views, stale, asOfMs }: BreachesProps) {
  const t = useText();
  return (
    <ul className={cx(styles.breaches, stale && styles.old)} aria-label={t('now.breaches')}>
      {breaches.map((breach) => (
        <BreachLine
          key={breach.sli.id}
          breach={breach}
          latest={views.find(({ sli }) => sli.id === breach.sli.id)?.status.latest?.value}
          asOfMs={stale ? asOfMs : null}
        />
      ))}
    </ul>
  );
}

interface BreachLineProps {
  readonly breach: Breach;
  readonly latest: number | undefined;
  readonly asOfMs: number | null;
}

function BreachLine({ breach, latest, asOfMs }: BreachLineProps) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const now = useNow();
  const { sli, value, sinceMs } = breach;
  const { objective } = sli;
  const { environment, askIncident } = usePage();
  const refusal = useRefusal('act');
  return (
    <li className={styles.breach}>
      <TriangleAlert aria-hidden size={16} />
      <strong>{sli.service}</strong>
      <span className={styles.breachName}>{sli.name}</span>
      <strong className={styles.breachValue}>{formatValue(latest ?? value, sli.unit, language)}</strong>
      {objective ? (
        <span>
          {'below' in objective
            ? t('charts.below', { value: formatValue(objective.below, sli.unit, language) })
            : t('charts.above', { value: formatValue(objective.above, sli.unit, language) })}
        </span>
      ) : null}
      <span>{t('now.breach.for', { duration: durationText(Math.max(0, (asOfMs ?? now) - sinceMs)) })}</span>
      {asOfMs === null ? null : <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(asOfMs) })}</StatusPill>}
      <Button
        size="s"
        icon={Siren}
        className={styles.breachAction}
        aria-disabled={refusal !== null}
        title={refusal ?? undefined}
        onClick={() =>
          refusal === null &&
          askIncident({
            title: t('incidents.fromBreach', { service: sli.service, sli: sli.name }),
            services: [sli.service],
            environments: environment === null ? [] : [environment],
          })
        }
      >
        {t('incidents.openShort')}
      </Button>
    </li>
  );
}

export interface CalmProps {
  readonly views: readonly SliView[];
  readonly loading: boolean;
  /** Since when nothing has been heard any more; null while it is live. */
  readonly asOfMs: number | null;
}

/** Nothing burns, said only of what could be judged: an SLI without samples is not "fine", nor is one of a while ago. */
export function Calm({ views, loading, asOfMs }: CalmProps) {
  const t = useText();
  if (loading) {
    return (
      <div className={styles.breaches}>
        <Skeleton lines={1} height={36} />
      </div>
    );
  }
  // An SLI without an objective is within nothing, and is nothing to judge.
  const asked = views.filter((view) => view.sli.objective);
  const judged = asked.filter((view) => view.status.state === 'ok');
  const unknown = asked.length - judged.length;
  const old = asOfMs !== null;
  const blind = old || judged.length === 0;
  const Icon = blind ? CircleHelp : CircleCheck;
  return (
    <p className={cx(styles.breaches, styles.calm, blind ? styles.blind : styles.fine)} role="status">
      <Icon aria-hidden size={16} />
      <strong>{blind ? t('now.blind') : t('now.calm')}</strong>
      {blind && !old ? null : <span>{t('now.calm.within', { count: judged.length })}</span>}
      {unknown > 0 ? <span>{t('now.calm.unknown', { count: unknown })}</span> : null}
      {old ? <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(asOfMs) })}</StatusPill> : null}
    </p>
  );
}
