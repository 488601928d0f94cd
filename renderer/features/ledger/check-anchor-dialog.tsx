import { useState } from 'react';
import { useAction } from '../../client/index.ts';
import { Button, Dialog, EmptyState, ErrorState, TextArea } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { CircleCheck } from 'lucide-react';
import styles from './details.module.css';

/** Holds the chains against a line that was kept outside, or against what was read aloud (D10). */
export function CheckAnchorDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const { mutate, data, error, isPending, reset } = useAction('ledger.checkAnchor');
  const [line, setLine] = useState('');
  const ready = line.trim() !== '';
  const check = () => ready && !isPending && mutate({ line: line.trim() });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('ledger.checkTitle')}
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={onClose}>{t('kit.close')}</Button>
          <Button variant="primary" aria-disabled={!ready} busy={isPending} onClick={check}>
            {t('ledger.check')}
          </Button>
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{t('ledger.checkHow')}</p>
        <TextArea
          label={t('ledger.checkLine')}
          rows={4}
          maxLength={20_000}
          spellCheck={false}
          value={line}
          onChange={(event) => {
            setLine(event.currentTarget.value);
            reset();
          }}
        />
        <div role="status">
          {data?.ok ? (
            <EmptyState title={t('ledger.checkGood')} icon={CircleCheck} tint="green">
              {data.words}
            </EmptyState>
          ) : null}
        </div>
        {data?.ok === false ? <ErrorState title={t('ledger.checkBad')} detail={data.words} /> : null}
        {error ? <ErrorState title={t('ledger.checkFailed')} detail={error.message} action={error.action} /> : null}
      </div>
    </Dialog>
  );
}
