import type { HTMLAttributes, ReactNode, TdHTMLAttributes, ThHTMLAttributes } from 'react';
import { cx } from './class-names.ts';
import styles from './table.module.css';

export interface TableProps {
  /** Accessible name. */
  readonly label: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}

/** A plain table that scrolls sideways when it must. Rows are named by `<Th scope="row">`. */
export function Table({ label, children, className }: TableProps) {
  return (
    <div className={cx(styles.scroll, className)}>
      <table aria-label={label} className={styles.table}>
        {children}
      </table>
    </div>
  );
}

export function Tr({
  selected = false,
  className,
  ...rest
}: HTMLAttributes<HTMLTableRowElement> & { selected?: boolean }) {
  return <tr {...rest} data-selected={selected || undefined} className={cx(styles.row, className)} />;
}

export function Th({ className, scope = 'col', ...rest }: ThHTMLAttributes<HTMLTableCellElement>) {
  return <th {...rest} scope={scope} className={cx(scope === 'row' ? styles.rowHead : styles.head, className)} />;
}

export function Td({
  numeric = false,
  className,
  ...rest
}: TdHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean }) {
  return <td {...rest} className={cx(styles.cell, numeric && styles.numeric, className)} />;
}
