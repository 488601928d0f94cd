import { useState } from 'react';
import { useAction } from '../../client/index.ts';
import { Button, Code, Dialog, ErrorState, Skeleton, TextBlock, TextInput } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './details.module.css';

/** Words to read over a phone to somebody who writes them down: what was there then cannot be cut off later (D10). */
export function AnchorDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const { mutate, data, error, isPending } = useAction('ledger.anchor');
  const [where, setWhere] = useState('');
  const make = () => !isPending && mutate({ place: 'spoken', where: where.trim() });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('ledger.anchorTitle')}
      actions={
        data ? (
          <Button variant="primary" onClick={onClose}>
            {t('ledger.done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('ledger.cancel')}</Button>
            <Button variant="primary" busy={isPending} onClick={make}>
              {t('ledger.anchorMake')}
            </Button>
          </>
        )
      }
    >
      <div className={styles.dialog}>
        {error ? <ErrorState title={t('ledger.anchorFailed')} detail={error.message} action={error.action} /> : null}
        {data ? (
          <>
            <p>{t('ledger.anchorRead')}</p>
            <p className={styles.spoken} role="status">
              {data.spoken}
            </p>
            <p>
              {t('ledger.anchorDigest')} <Code>{data.digest}</Code>
            </p>
            <TextBlock label={t('ledger.anchorLine')} text={data.line} rows={3} />
          </>
        ) : isPending ? (
          <Skeleton lines={3} />
        ) : (
          <>
            <p>{t('ledger.anchorHow')}</p>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                make();
              }}
            >
              <TextInput
                label={t('ledger.anchorWhere')}
                hint={t('ledger.anchorWhereHint')}
                maxLength={200}
                value={where}
                onChange={(event) => setWhere(event.currentTarget.value)}
              />
            </form>
          </>
        )}
      </div>
    </Dialog>
  );
}
