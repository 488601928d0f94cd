import { useRef, useState } from 'react';
import { useRights, useSecretAction } from '../../../client/index.ts';
import {
  Button,
  Dialog,
  PassphraseInput,
  StatusPill,
  takePassphrase,
  TextBlock,
  TextInput,
} from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

const SHORTEST = 8;

/** Makes a person's key on this console; its public half is what the roster takes (D5). */
export function EnrolDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const { people } = useRights();
  const enrol = useSecretAction('people.enrol');
  const [operator, setOperator] = useState('');
  const [problem, setProblem] = useState<'short' | 'different' | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const id = operator.trim();
  const submit = () => {
    if (id === '' || enrol.isPending) return;
    const [passphrase, again] = [takePassphrase(first.current), takePassphrase(second.current)];
    const wrong = passphrase.length < SHORTEST ? 'short' : passphrase !== again ? 'different' : null;
    setProblem(wrong);
    if (wrong === null) enrol.mutate({ operator: id, passphrase });
    else first.current?.focus();
  };
  const made = enrol.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('setup.enrolTitle')}
      closeOnOutsidePress={false}
      actions={
        made ? (
          <Button variant="primary" onClick={onClose}>
            {t('kit.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('setup.cancel')}</Button>
            <Button variant="primary" aria-disabled={id === ''} busy={enrol.isPending} onClick={submit}>
              {t('setup.enrolNow')}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className={styles.stack}>
          <p role="status">
            <StatusPill tint="green">{t('setup.enrolled', { operator: id })}</StatusPill>
          </p>
          <TextBlock label={t('setup.publicKey')} text={made.publicKey} rows={3} />
          <h3>{t('setup.next')}</h3>
          <ol className={styles.next}>
            <li>{t('setup.enrolNext1', { operator: id })}</li>
            <li>{t('setup.enrolNext2', { version: (people?.roster.version ?? 0) + 1 })}</li>
            <li>{t('setup.enrolNext3')}</li>
          </ol>
        </div>
      ) : (
        <form
          className={styles.stack}
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <p>{t('setup.enrolText')}</p>
          <TextInput
            autoFocus
            label={t('setup.operatorId')}
            hint={t('setup.operatorIdHint')}
            monospace
            maxLength={100}
            value={operator}
            onChange={(event) => setOperator(event.currentTarget.value)}
          />
          <PassphraseInput
            ref={first}
            label={t('setup.passphrase')}
            hint={t('setup.passphraseHint')}
            problem={problem === null ? undefined : t(`setup.passphrase.${problem}`)}
          />
          <PassphraseInput ref={second} label={t('setup.passphraseAgain')} />
          {/* Enter in a field sends the form, which has its button outside. */}
          <input type="submit" hidden />
          <Failed title={t('setup.enrolFailed')} error={enrol.error} />
        </form>
      )}
    </Dialog>
  );
}
