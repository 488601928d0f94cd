import type { ReactNode } from 'react';
import { useId } from 'react';
import { useText } from '../messages/index.ts';
import { cx } from './class-names.ts';
import styles from './panel.module.css';
import { StatusPill } from './status-pill.tsx';
import { clockTime, Time } from './time.tsx';

export interface PanelProps {
  readonly title: string;
  /** What stands in the heading when it is more than the title's text. */
  readonly heading?: ReactNode;
  /** When what is shown was last known to be true, epoch ms. */
  readonly asOfMs?: number | null | undefined;
  /** Past its limit of age: dimmed, hatched, labelled "as of 02:09", never shown as live (UI.md). */
  readonly stale?: boolean | undefined;
  readonly actions?: ReactNode;
  /** No padding: for tables and lists that reach the border. */
  readonly flush?: boolean | undefined;
  readonly className?: string | undefined;
  readonly children?: ReactNode;
}

/** A region named by its title, with the age of what it shows. */
export function Panel({
  title,
  heading,
  asOfMs,
  stale = false,
  actions,
  flush = false,
  className,
  children,
}: PanelProps) {
  const id = useId();
  const t = useText();
  return (
    <section
      className={cx(styles.panel, stale && styles.stale, className)}
      aria-labelledby={id}
      data-stale={stale || undefined}
    >
      <header className={styles.header}>
        <h2 id={id} className={styles.title}>
          {heading ?? title}
        </h2>
        <span className={styles.age}>
          {stale && asOfMs != null ? (
            <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(asOfMs) })}</StatusPill>
          ) : asOfMs != null ? (
            <Time atMs={asOfMs} />
          ) : null}
        </span>
        {actions ? <span className={styles.actions}>{actions}</span> : null}
      </header>
      <div className={cx(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}
