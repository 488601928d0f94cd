import { useState } from 'react';
import type { OutputOf } from '../../../shared/contract/index.ts';
import { useAction } from '../../client/index.ts';
import { ArmouredIn } from '../../kit/armoured.tsx';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';

export interface TakeInProps {
  readonly label: string;
  readonly onTaken?: ((taken: OutputOf<'approvals.import'>) => void) | undefined;
}

/** Takes in a request from elsewhere, or the answer to one of ours, and says what it was (D4). */
export function TakeIn({ label, onTaken }: TakeInProps) {
  const t = useText();
  const take = useAction('approvals.import');
  const [taken, setTaken] = useState<OutputOf<'approvals.import'> | null>(null);
  const { error } = take;
  return (
    <div className={styles.takeIn}>
      <ArmouredIn
        label={label}
        hint={t('approvals.pasteHint')}
        submit={t('approvals.take')}
        busy={take.isPending}
        problem={error && [error.message, error.action].filter((part) => part !== null).join('. ')}
        onText={(text) => {
          setTaken(null);
          take.mutate(
            { text },
            {
              onSuccess: (found) => {
                setTaken(found);
                onTaken?.(found);
              },
            },
          );
        }}
      />
      <p role="status" className={styles.good}>
        {taken
          ? taken.kind === 'request'
            ? t('approvals.tookRequest', { name: taken.item.requesterName })
            : t('approvals.tookDecision', { name: taken.item.deciderName ?? '' })
          : ''}
      </p>
    </div>
  );
}
