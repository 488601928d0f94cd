import { PenLine } from 'lucide-react';
import type { RosterView } from '../../../../shared/model/operator.ts';
import { useAction } from '../../../client/index.ts';
import { Button, FilePath, StatusPill, useRefusal } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

/** What scram.yaml says that no admin has signed: none of it holds until one has (D5). */
export function UnsignedRoster({ roster }: { readonly roster: RosterView }) {
  const t = useText();
  const sign = useAction('people.signRoster');
  const refusal = useRefusal('administer');
  const next = roster.version + 1;
  if (roster.unsigned.length === 0 && !sign.data && !sign.error) return null;
  return (
    <section className={styles.unsigned} aria-label={t('setup.unsigned')}>
      {sign.data ? (
        <p role="status">
          <StatusPill tint="green">{t('setup.signed', { version: sign.data.version })}</StatusPill>{' '}
          <FilePath path={sign.data.file} /> {t('setup.signedHint')}
        </p>
      ) : null}
      {roster.unsigned.length === 0 ? null : (
        <>
          <h3>
            <StatusPill tint="amber" quiet>
              {t('setup.unsigned')}
            </StatusPill>
          </h3>
          <ul className={styles.unsignedList}>
            {roster.unsigned.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
          <p>
            <Button
              icon={PenLine}
              variant="primary"
              busy={sign.isPending}
              aria-disabled={refusal !== null}
              title={refusal ?? undefined}
              onClick={() =>
                refusal === null && sign.mutate(roster.proposal === undefined ? {} : { proposal: roster.proposal })
              }
            >
              {t('setup.sign', { version: next })}
            </Button>
          </p>
        </>
      )}
      <Failed title={t('setup.signFailed')} error={sign.error} />
    </section>
  );
}
