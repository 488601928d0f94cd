import { useRef, useState } from 'react';
import { useSecretAction } from '../../../client/index.ts';
import { Button, Dialog, PassphraseInput, takePassphrase, TextInput } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

export interface SetDialogProps {
  /** Null: it is asked for. */
  readonly name: string | null;
  readonly onClose: () => void;
}

/** Puts a credential in. It is typed blind, taken out of the page when it is sent, and never shown again (E2). */
export function SetDialog({ name: given, onClose }: SetDialogProps) {
  const t = useText();
  const set = useSecretAction('vault.set');
  const [typed, setTyped] = useState('');
  const [empty, setEmpty] = useState(false);
  const value = useRef<HTMLInputElement>(null);
  const name = given ?? typed.trim();
  const submit = () => {
    if (name === '' || set.isPending) return;
    const secret = takePassphrase(value.current);
    setEmpty(secret === '');
    if (secret === '') value.current?.focus();
    else set.mutate({ name, value: secret }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={given === null ? t('vault.setNewTitle') : t('vault.setTitle', { name: given })}
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={onClose}>{t('setup.cancel')}</Button>
          <Button variant="primary" aria-disabled={name === ''} busy={set.isPending} onClick={submit}>
            {t('vault.store')}
          </Button>
        </>
      }
    >
      <form
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {given === null ? (
          <TextInput
            autoFocus
            label={t('vault.name')}
            hint={t('vault.nameHint')}
            monospace
            maxLength={100}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        ) : null}
        <PassphraseInput
          ref={value}
          autoFocus={given !== null}
          label={t('vault.value')}
          hint={t('vault.valueHint')}
          problem={empty ? t('vault.valueNeeded') : undefined}
        />
        <input type="submit" hidden />
        <Failed title={t('vault.setFailed')} error={set.error} />
      </form>
    </Dialog>
  );
}
