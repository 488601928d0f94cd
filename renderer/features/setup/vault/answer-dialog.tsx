import { useState } from 'react';
import type { OutputOf } from '../../../../shared/contract/index.ts';
import { useAction } from '../../../client/index.ts';
import { ArmouredIn, ArmouredOut } from '../../../kit/armoured.tsx';
import { Button, Code, Dialog } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';
import { ShareRequest } from './share-request.tsx';

interface Read {
  readonly text: string;
  readonly request: OutputOf<'vault.readShareRequest'>;
}

/** A holder reads who asks for what, and only then gives the share, which nobody but the asker can open (E3). */
export function AnswerDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const look = useAction('vault.readShareRequest');
  const give = useAction('vault.giveShare');
  const [read, setRead] = useState<Read | null>(null);
  const given = give.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.answerTitle')}
      width="l"
      closeOnOutsidePress={false}
      actions={
        read && !given ? (
          <>
            <Button onClick={onClose}>{t('vault.giveNothing')}</Button>
            <Button
              variant="primary"
              busy={give.isPending}
              onClick={() => !give.isPending && give.mutate({ text: read.text })}
            >
              {t('vault.giveShare')}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>{t('kit.close')}</Button>
        )
      }
    >
      <div className={styles.stack}>
        {given ? (
          <>
            <p>
              {t('vault.answerSend')} <Code strong>{given.checkCode}</Code>
            </p>
            <ArmouredOut label={t('vault.answerBlock')} block={given} />
          </>
        ) : read ? (
          <>
            <ShareRequest request={read.request} />
            <Failed title={t('vault.giveFailed')} error={give.error} />
          </>
        ) : (
          <>
            <p>{t('vault.answerText')}</p>
            <ArmouredIn
              label={t('vault.askBlock')}
              submit={t('vault.answerRead')}
              busy={look.isPending}
              problem={look.error ? [look.error.message, look.error.action].filter(Boolean).join('. ') : null}
              onText={(text) => look.mutate({ text }, { onSuccess: (request) => setRead({ text, request }) })}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}
