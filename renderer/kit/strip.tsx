import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import styles from './strip.module.css';

export interface StripProps {
  readonly icon: LucideIcon;
  /** `alarm`: filled, for what every view must show loudly. */
  readonly tint: 'alarm' | 'red' | 'amber' | 'blue';
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** One line across the top of every view. */
export function Strip({ icon: Icon, tint, action, children }: StripProps) {
  return (
    <div className={cx(styles.strip, styles[tint])}>
      <Icon aria-hidden size={16} />
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  );
}
