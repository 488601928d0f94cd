import { useState } from 'react';
import { useAction, useRights } from '../../../client/index.ts';
import { Button, Dialog } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

const FEWEST = 2;

/** Splits a credential so that any two of its holders open it, and neither alone (E3). */
export function SealDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const t = useText();
  const { people } = useRights();
  const seal = useAction('vault.seal');
  const [holders, setHolders] = useState<readonly string[]>([]);
  const ready = holders.length >= FEWEST && !seal.isPending;
  const operators = people?.roster.operators ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.sealTitle', { name })}
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={onClose}>{t('setup.cancel')}</Button>
          <Button
            variant="primary"
            aria-disabled={!ready}
            busy={seal.isPending}
            onClick={() => ready && seal.mutate({ name, holders: [...holders] }, { onSuccess: onClose })}
          >
            {t('vault.sealNow')}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <p>{t('vault.sealText')}</p>
        <fieldset className={styles.checks}>
          <legend>{t('vault.holders')}</legend>
          {operators.map(({ id, name: person, keys }) => (
            <label key={id} className={styles.check}>
              <input
                type="checkbox"
                disabled={keys.length === 0}
                checked={holders.includes(id)}
                onChange={(event) =>
                  setHolders(event.currentTarget.checked ? [...holders, id] : holders.filter((each) => each !== id))
                }
              />
              {person} {keys.length === 0 ? <span className={styles.muted}>{t('setup.noKey')}</span> : null}
            </label>
          ))}
        </fieldset>
        <p className={styles.muted} role="status">
          {holders.length < FEWEST ? t('vault.sealNeeded') : t('vault.sealAny', { count: holders.length })}
        </p>
        <Failed title={t('vault.sealFailed')} error={seal.error} />
      </div>
    </Dialog>
  );
}
