import { useAction } from '../../../client/index.ts';
import { Button, Dialog } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';

export interface RemoveDialogProps {
  readonly name: string;
  readonly usedBy: readonly string[];
  readonly onClose: () => void;
}

/** Says what stops working before a credential is taken out. */
export function RemoveDialog({ name, usedBy, onClose }: RemoveDialogProps) {
  const t = useText();
  const remove = useAction('vault.remove');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.removeTitle', { name })}
      width="s"
      actions={
        <>
          <Button onClick={onClose}>{t('setup.cancel')}</Button>
          <Button
            variant="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ name }, { onSuccess: onClose })}
          >
            {t('vault.removeNow')}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        <p>{usedBy.length === 0 ? t('vault.removeUnused') : t('vault.removeUsed', { users: usedBy.join(', ') })}</p>
        <Failed title={t('vault.removeFailed')} error={remove.error} />
      </div>
    </Dialog>
  );
}
