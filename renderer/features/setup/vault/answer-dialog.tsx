import { useAction } from '../../../client/index.ts';
import { ArmouredIn, ArmouredOut } from '../../../kit/armoured.tsx';
import { Button, Code, Dialog } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import styles from '../setup.module.css';

/** A holder answers somebody elsewhere, with their share encrypted to the one who asked and to nobody else (E3). */
export function AnswerDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const give = useAction('vault.giveShare');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.answerTitle')}
      width="l"
      closeOnOutsidePress={false}
      actions={<Button onClick={onClose}>{t('kit.close')}</Button>}
    >
      <div className={styles.stack}>
        {give.data ? (
          <>
            <p>
              {t('vault.answerSend')} <Code strong>{give.data.checkCode}</Code>
            </p>
            <ArmouredOut label={t('vault.answerBlock')} block={give.data} />
          </>
        ) : (
          <>
            <p>{t('vault.answerText')}</p>
            <ArmouredIn
              label={t('vault.askBlock')}
              submit={t('vault.answerNow')}
              busy={give.isPending}
              problem={give.error ? [give.error.message, give.error.action].filter(Boolean).join(' ') : null}
              onText={(text) => give.mutate({ text })}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}
