import { CircleOff, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../messages/index.ts';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import styles from './states.module.css';

/** Placeholder lines while something loads; announced once, drawn quietly. */
export function Skeleton({ lines = 3, height }: { readonly lines?: number; readonly height?: number | undefined }) {
  const t = useText();
  return (
    <div className={styles.skeletons} role="status" aria-label={t('kit.loading')}>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never move
        <div key={index} className={styles.skeleton} style={height === undefined ? undefined : { height }} />
      ))}
    </div>
  );
}

export interface EmptyStateProps {
  readonly title: string;
  /** What to do about it. */
  readonly children?: ReactNode;
  readonly icon?: LucideIcon | undefined;
  readonly action?: ReactNode;
  readonly tint?: 'neutral' | 'green' | undefined;
}

export function EmptyState({ title, children, icon: Icon = CircleOff, action, tint = 'neutral' }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <Icon aria-hidden size={20} className={cx(tint === 'green' && styles.green)} />
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {children ? <div className={styles.text}>{children}</div> : null}
        {action ? <div className={styles.action}>{action}</div> : null}
      </div>
    </div>
  );
}

export interface ErrorStateProps {
  readonly title: string;
  /** What happened, in the words of what failed. */
  readonly detail?: ReactNode;
  /** What to do next. */
  readonly action?: ReactNode;
  readonly onRetry?: (() => void) | undefined;
}

export function ErrorState({ title, detail, action, onRetry }: ErrorStateProps) {
  const t = useText();
  return (
    <div className={styles.state} role="alert">
      <TriangleAlert aria-hidden size={20} className={styles.red} />
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {detail ? <div className={styles.text}>{detail}</div> : null}
        {action ? <div className={styles.text}>{action}</div> : null}
        {onRetry ? (
          <div className={styles.action}>
            <Button size="s" onClick={onRetry}>
              {t('kit.retry')}
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  );
}
