import type { Ref } from 'react';
import { durationText, ErrorState, TextArea, TextInput } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import type { PreviewFacts } from './preview-facts.ts';

export interface ConfirmationFormProps {
  readonly facts: PreviewFacts;
  readonly now: number;
  readonly rationale: string;
  readonly onRationale: (text: string) => void;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
  readonly onSubmit: () => void;
  readonly reasonRef: Ref<HTMLTextAreaElement>;
  readonly typedRef: Ref<HTMLInputElement>;
}

/** What policy asks the one at the console to fill in (D2, D7), and how long the preview holds. */
export function ConfirmationForm(props: ConfirmationFormProps) {
  const { facts, now, onSubmit } = props;
  const { demand, typedWord, typedWhy, expiresAtMs } = facts;
  const t = useText();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <TextArea
        ref={props.reasonRef}
        label={t('changes.reason')}
        hint={t(demand.rationale ? 'changes.reasonNeeded' : 'changes.reasonHint')}
        required={demand.rationale}
        maxLength={2000}
        rows={2}
        value={props.rationale}
        onChange={(event) => props.onRationale(event.currentTarget.value)}
      />
      {demand.typed ? (
        <TextInput
          ref={props.typedRef}
          label={t('changes.typeToConfirm', { word: typedWord })}
          hint={typedWhy}
          monospace
          value={props.typed}
          onChange={(event) => props.onTyped(event.currentTarget.value)}
        />
      ) : null}
      {expiresAtMs <= now ? (
        <ErrorState title={t('changes.expired')} action={t('changes.expiredHint')} />
      ) : (
        <p className={styles.validity} aria-hidden>
          {t('changes.expiresIn', { duration: durationText(Math.floor((expiresAtMs - now) / 1000) * 1000) })}
        </p>
      )}
    </form>
  );
}
