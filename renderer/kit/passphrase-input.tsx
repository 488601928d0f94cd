import type { ReactNode, Ref } from 'react';
import { useText } from '../messages/index.ts';
import { Field } from './field.tsx';
import styles from './field.module.css';

export interface PassphraseInputProps {
  readonly label?: string | undefined;
  readonly hint?: ReactNode;
  readonly problem?: ReactNode;
  readonly autoFocus?: boolean | undefined;
  readonly ref?: Ref<HTMLInputElement> | undefined;
}

/**
 * Uncontrolled on purpose: what is typed is never in the page's state. Whoever sends it takes it with
 * `takePassphrase`, which empties the input; it is gone from the page as soon as the dialog closes.
 */
export function PassphraseInput({ label, hint, problem, autoFocus, ref }: PassphraseInputProps) {
  const t = useText();
  return (
    <Field label={label ?? t('people.passphrase')} hint={hint} problem={problem}>
      {({ id, describedBy, invalid }) => (
        <input
          ref={ref}
          id={id}
          type="password"
          autoComplete="off"
          {...(autoFocus ? { autoFocus } : {})}
          spellCheck={false}
          maxLength={1000}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={styles.input}
        />
      )}
    </Field>
  );
}

/** What was typed, taken out of the page. */
export function takePassphrase(input: HTMLInputElement | null): string {
  const typed = input?.value ?? '';
  if (input) input.value = '';
  return typed;
}
