import { Circle, CircleDotDashed, CircleHelp, CircleSlash2, Code2, type LucideIcon } from 'lucide-react';
import type { Exposure } from '../../../shared/model/flag.ts';
import { cx } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './flags.module.css';

const ICONS: Readonly<Record<Exposure, LucideIcon>> = {
  everyone: Circle,
  some: CircleDotDashed,
  nobody: CircleSlash2,
  'code-default': Code2,
  unknown: CircleHelp,
};

/** Icon and word: who gets the feature. A kill in force reads "off for everyone": the state does not tell whose act it was. */
export function FlagStateLabel({ exposure, killed }: { readonly exposure: Exposure; readonly killed: boolean }) {
  const t = useText();
  const shown = killed ? 'nobody' : exposure;
  const Icon = ICONS[shown];
  return (
    <span className={cx(styles.state, styles[shown])}>
      <Icon aria-hidden size={14} strokeWidth={2.25} fill={shown === 'everyone' ? 'currentColor' : 'none'} />
      {t(`flags.state.${shown}`)}
    </span>
  );
}

/** "20 %" and a bar; "by rules" where the share cannot be told. */
export function Rollout({ percentage, exposure }: { readonly percentage: number | null; readonly exposure: Exposure }) {
  const t = useText();
  if (percentage === null)
    return <span className={styles.muted}>{exposure === 'some' ? t('flags.byRules') : '–'}</span>;
  return (
    <span className={styles.rollout}>
      <span className={styles.percent}>{Math.round(percentage * 10) / 10} %</span>
      <svg aria-hidden className={styles.meter} viewBox="0 0 100 4" preserveAspectRatio="none">
        <rect width="100" height="4" className={styles.barBack} />
        <rect width={percentage} height="4" className={styles.barFill} />
      </svg>
    </span>
  );
}
