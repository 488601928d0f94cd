import { useState } from 'react';
import type { PeopleState } from '../../../../shared/model/operator.ts';
import { useRights } from '../../../client/index.ts';
import { Button, StatusPill, useRefusal } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import styles from '../setup.module.css';
import { RemoveKeyDialog } from './remove-key-dialog.tsx';

export interface RemoveKeyProps {
  readonly operator: string;
  readonly name: string;
}

/** For a forgotten passphrase, or somebody who left; nobody takes their own key away. */
export function RemoveKey({ operator, name }: RemoveKeyProps) {
  const t = useText();
  const { people } = useRights();
  const right = useRefusal('administer');
  const [open, setOpen] = useState(false);
  const refusal = right ?? (people?.me?.operator === operator ? t('setup.removeKeyOwn') : null);
  return (
    <>
      <Button
        size="s"
        variant="ghost"
        aria-label={`${t('setup.removeKey')} ${name}`}
        aria-disabled={refusal !== null}
        title={refusal ?? undefined}
        onClick={() => refusal === null && setOpen(true)}
      >
        {t('setup.removeKey')}
      </Button>
      {open ? <RemoveKeyDialog operator={operator} name={name} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** Keys on this console that the roster in force does not name: they may only look (D5). */
export function UnlistedKeys({ people }: { readonly people: PeopleState }) {
  const t = useText();
  const unlisted = people.unlockable.filter(({ inRoster }) => !inRoster);
  if (unlisted.length === 0) return null;
  return (
    <section className={styles.unlisted} aria-label={t('setup.unlisted')}>
      <h3>{t('setup.unlisted')}</h3>
      <ul className={styles.keyList}>
        {unlisted.map(({ operator, name }) => (
          <li key={operator}>
            <strong>{name}</strong> {name === operator ? null : <span className={styles.muted}>{operator}</span>}
            <StatusPill tint="amber" quiet>
              {t('people.notInRoster')}
            </StatusPill>
            <RemoveKey operator={operator} name={name} />
          </li>
        ))}
      </ul>
    </section>
  );
}
