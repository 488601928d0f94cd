import { useState } from 'react';
import type { Incident } from '../../../shared/model/incident.ts';
import { useAction } from '../../client/index.ts';
import { Button, Dialog, ErrorState, TextArea } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './incidents.module.css';

/** Ends an incident, and with it what it holds (D9). */
export function CloseDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const t = useText();
  const close = useAction('incidents.close');
  const [note, setNote] = useState('');
  const run = () => {
    if (!close.isPending) close.mutate({ id: incident.id, note: note.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('incidents.closeTitle', { title: incident.title })}
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={onClose}>{t('incidents.cancel')}</Button>
          <Button variant="primary" busy={close.isPending} onClick={run}>
            {t('incidents.closeNow')}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p>{t('incidents.closeMeans', { environments: incident.environments.join(', ') })}</p>
        <TextArea
          label={t('incidents.closeNote')}
          hint={t('incidents.closeNoteHint')}
          rows={3}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {close.error ? (
          <ErrorState title={t('incidents.closeFailed')} detail={close.error.message} action={close.error.action} />
        ) : null}
      </div>
    </Dialog>
  );
}
