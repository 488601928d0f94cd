import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Entry } from '../../../shared/model/entry.ts';
import { useAction } from '../../client/index.ts';
import { Button, Dialog, ErrorState, MarkedText, StatusPill, TextArea } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './details.module.css';

export interface RedactDialogProps {
  readonly entry: Entry;
  /** What the entry says. */
  readonly words: string;
  readonly onClose: () => void;
}

/** Takes the words of an entry away for ever; that it was there, and by whom it was signed, stays (D6). */
export function RedactDialog({ entry, words, onClose }: RedactDialogProps) {
  const t = useText();
  const redact = useAction('ledger.redact');
  const [reason, setReason] = useState('');
  const ready = reason.trim() !== '' && !redact.isPending;
  const { device, sequence } = entry.body;
  const done = redact.isSuccess;
  const run = () => ready && redact.mutate({ device, sequence, reason: reason.trim() });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('ledger.redactTitle', { sequence })}
      closeOnOutsidePress={false}
      actions={
        done ? (
          <Button variant="primary" onClick={onClose}>
            {t('kit.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('ledger.cancel')}</Button>
            <Button variant="danger" aria-disabled={!ready} busy={redact.isPending} onClick={run}>
              {t('ledger.redactNow')}
            </Button>
          </>
        )
      }
    >
      <div className={styles.dialog}>
        <p>
          <MarkedText text={words} />
        </p>
        {done ? (
          <p role="status">
            <StatusPill tint="green">{t('ledger.redactDone')}</StatusPill>
          </p>
        ) : (
          <>
            <p className={styles.warning}>
              <TriangleAlert aria-hidden size={14} /> {t('ledger.redactWarning')}
            </p>
            <TextArea
              label={t('ledger.redactReason')}
              hint={t('ledger.redactReasonHint')}
              required
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </>
        )}
        {redact.error ? (
          <ErrorState title={t('ledger.redactFailed')} detail={redact.error.message} action={redact.error.action} />
        ) : null}
      </div>
    </Dialog>
  );
}
