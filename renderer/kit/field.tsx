import { Search } from 'lucide-react';
import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode, Ref, TextareaHTMLAttributes } from 'react';
import { cx } from './class-names.ts';
import styles from './field.module.css';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong and what would be right; announced with the input. */
  readonly problem?: ReactNode;
  readonly children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode;
}

/** Label, hint and problem around any control. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : null;
  const problemId = problem ? `${id}-problem` : null;
  const describedBy = [hintId, problemId].filter(Boolean).join(' ') || undefined;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children({ id, describedBy, invalid: Boolean(problem) })}
      {hintId ? (
        <div id={hintId} className={styles.hint}>
          {hint}
        </div>
      ) : null}
      {problemId ? (
        <div id={problemId} className={styles.problem} role="alert">
          {problem}
        </div>
      ) : null}
    </div>
  );
}

export interface TextInputProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly problem?: ReactNode;
  readonly monospace?: boolean | undefined;
  readonly ref?: Ref<HTMLInputElement> | undefined;
}

export function TextInput({ label, hint, problem, monospace = false, className, ...rest }: TextInputProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {({ id, describedBy, invalid }) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={cx(styles.input, monospace && styles.monospace, className)}
        />
      )}
    </Field>
  );
}

export interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly problem?: ReactNode;
  readonly ref?: Ref<HTMLTextAreaElement> | undefined;
}

export function TextArea({ label, hint, problem, className, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {({ id, describedBy, invalid }) => (
        <textarea
          rows={2}
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={cx(styles.input, styles.area, className)}
        />
      )}
    </Field>
  );
}

export interface SearchInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  /** Accessible name and placeholder. */
  readonly label: string;
  readonly ref?: Ref<HTMLInputElement> | undefined;
}

/** Role searchbox. `data-search` marks what the key `/` moves the focus to. */
export function SearchInput({ label, className, ...rest }: SearchInputProps) {
  return (
    <div className={cx(styles.search, className)}>
      <Search aria-hidden size={14} />
      <input
        autoComplete="off"
        spellCheck={false}
        placeholder={label}
        {...rest}
        type="search"
        aria-label={label}
        data-search=""
        className={styles.searchInput}
      />
    </div>
  );
}
