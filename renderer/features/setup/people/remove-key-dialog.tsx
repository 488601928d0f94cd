import { useAction } from '../../../client/index.ts';
import { Button, Dialog } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

export interface RemoveKeyDialogProps {
  readonly operator: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Takes somebody's key off this console, and says what goes with it (D5). The roster stays as it is. */
export function RemoveKeyDialog({ operator, name, onClose }: RemoveKeyDialogProps) {
  const t = useText();
  const remove = useAction('people.removeKey');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('setup.removeKeyTitle', { name })}
      width="s"
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={onClose}>{t('setup.cancel')}</Button>
          <Button
            variant="danger"
            busy={remove.isPending}
            onClick={() => !remove.isPending && remove.mutate({ operator }, { onSuccess: onClose })}
          >
            {t('setup.removeKeyNow')}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <p>{t('setup.removeKeyText', { name })}</p>
        <ul className={styles.unsignedList}>
          <li>{t('setup.removeKeyShares')}</li>
          <li>{t('setup.removeKeyRoster')}</li>
        </ul>
        <Failed title={t('setup.removeKeyFailed')} error={remove.error} />
      </div>
    </Dialog>
  );
}
