import { useRef, useState } from 'react';
import { useRights, useSecretAction } from '../../../client/index.ts';
import {
  Button,
  clockTime,
  Dialog,
  PassphraseInput,
  PersonChoice,
  StatusPill,
  takePassphrase,
} from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

export interface HoldersProps {
  readonly name: string;
  readonly holders: readonly string[];
  readonly onClose: () => void;
}

/** Two people at one desk: the one of this session, and a second holder with their passphrase (E3). */
export function OpenTogetherDialog({ name, holders, onClose }: HoldersProps) {
  const t = useText();
  const { people, nameOf } = useRights();
  const open = useSecretAction('vault.openTogether');
  const others = holders.filter((holder) => holder !== people?.me?.operator);
  const [chosen, setChosen] = useState<string | null>(others[0] ?? null);
  const passphrase = useRef<HTMLInputElement>(null);
  const submit = () => {
    if (chosen === null || open.isPending) return;
    const typed = takePassphrase(passphrase.current);
    if (typed === '') passphrase.current?.focus();
    else open.mutate({ name, operator: chosen, passphrase: typed });
  };
  const done = open.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.openTitle', { name })}
      closeOnOutsidePress={false}
      actions={
        done ? (
          <Button variant="primary" onClick={onClose}>
            {t('kit.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('setup.cancel')}</Button>
            <Button variant="primary" aria-disabled={chosen === null} busy={open.isPending} onClick={submit}>
              {t('vault.openNow')}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <p role="status">
          <StatusPill tint="green">{t('vault.openUntil', { time: clockTime(done.untilMs) })}</StatusPill>
        </p>
      ) : (
        <form
          className={styles.stack}
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <p>{t('vault.openText')}</p>
          <PersonChoice
            label={t('vault.secondPerson')}
            people={others.map((operator) => ({ operator, name: nameOf(operator) }))}
            value={chosen}
            onChoose={setChosen}
          />
          <PassphraseInput ref={passphrase} label={t('vault.theirPassphrase')} />
          <input type="submit" hidden />
          <Failed title={t('vault.openFailed')} error={open.error} />
        </form>
      )}
    </Dialog>
  );
}
