import { CircleCheck, CircleDashed, CircleHelp, Clock3, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import styles from './status-pill.module.css';
import type { Tint } from './tint.ts';

const ICONS: Readonly<Record<Tint, LucideIcon>> = {
  red: TriangleAlert,
  amber: Clock3,
  green: CircleCheck,
  blue: Info,
  grey: CircleHelp,
  neutral: CircleDashed,
};

export interface StatusPillProps {
  readonly tint: Tint;
  /** Instead of the tint's own icon. */
  readonly icon?: LucideIcon | undefined;
  readonly title?: string | undefined;
  readonly quiet?: boolean | undefined;
  /** The word: a state is never said by colour alone (H1). */
  readonly children: ReactNode;
}

export function StatusPill({ tint, icon, title, quiet = false, children }: StatusPillProps) {
  const Icon = icon ?? ICONS[tint];
  return (
    <span className={cx(styles.pill, styles[tint], quiet && styles.quiet)} title={title}>
      <Icon aria-hidden size={13} strokeWidth={2.25} />
      <span>{children}</span>
    </span>
  );
}

/** A small label without a state: a kind, a count. */
export function Badge({ children, title }: { readonly children: ReactNode; readonly title?: string }) {
  return (
    <span className={styles.badge} title={title}>
      {children}
    </span>
  );
}
