import { ChevronDown } from 'lucide-react';
import type { SelectHTMLAttributes } from 'react';
import { cx } from './class-names.ts';
import styles from './select.module.css';

export interface SelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange'> {
  /** Accessible name; shown before the value unless `hideLabel`. */
  readonly label: string;
  readonly hideLabel?: boolean | undefined;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChoose: (value: string) => void;
}

/** The browser's own select: its keys and its screen-reader support are the best there are. */
export function Select({ label, hideLabel = false, options, onChoose, className, ...rest }: SelectProps) {
  return (
    <label className={cx(styles.select, className)}>
      <span className={hideLabel ? 'visually-hidden' : styles.label}>{label}</span>
      <span className={styles.box}>
        <select {...rest} className={styles.native} onChange={(event) => onChoose(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden size={14} />
      </span>
    </label>
  );
}
