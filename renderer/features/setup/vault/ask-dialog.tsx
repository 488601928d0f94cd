import { useState } from 'react';
import { useAction, useRights } from '../../../client/index.ts';
import { ArmouredIn, ArmouredOut } from '../../../kit/armoured.tsx';
import { Button, clockTime, Code, Dialog, PersonChoice, StatusPill } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';
import type { HoldersProps } from './open-together-dialog.tsx';

/** The second holder is elsewhere: a text block goes out over any channel, and its answer comes back (E3). */
export function AskDialog({ name, holders, onClose }: HoldersProps) {
  const t = useText();
  const { people, nameOf } = useRights();
  const ask = useAction('vault.askForShare');
  const take = useAction('vault.takeShare');
  const others = holders.filter((holder) => holder !== people?.me?.operator);
  const [chosen, setChosen] = useState<string | null>(others[0] ?? null);
  const opened = take.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('vault.askTitle', { name })}
      width="l"
      closeOnOutsidePress={false}
      actions={
        opened || ask.data ? (
          <Button variant={opened ? 'primary' : 'default'} onClick={onClose}>
            {t('kit.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('setup.cancel')}</Button>
            <Button
              variant="primary"
              aria-disabled={chosen === null}
              busy={ask.isPending}
              onClick={() => chosen !== null && !ask.isPending && ask.mutate({ name, holder: chosen })}
            >
              {t('vault.askNow')}
            </Button>
          </>
        )
      }
    >
      <div className={styles.stack}>
        {opened ? (
          <p role="status">
            <StatusPill tint="green">{t('vault.openUntil', { time: clockTime(opened.untilMs) })}</StatusPill>
          </p>
        ) : ask.data ? (
          <>
            <p>
              {t('vault.askSend', { person: nameOf(chosen ?? '') })} <Code strong>{ask.data.checkCode}</Code>
            </p>
            <ArmouredOut label={t('vault.askBlock')} block={ask.data} />
            <ArmouredIn
              label={t('vault.answerBlock')}
              hint={t('vault.answerBlockHint')}
              submit={t('vault.openNow')}
              busy={take.isPending}
              problem={take.error ? [take.error.message, take.error.action].filter(Boolean).join(' ') : null}
              onText={(text) => take.mutate({ text })}
            />
          </>
        ) : (
          <>
            <p>{t('vault.askText')}</p>
            <PersonChoice
              label={t('vault.holder')}
              people={others.map((operator) => ({ operator, name: nameOf(operator) }))}
              value={chosen}
              onChoose={setChosen}
            />
            <Failed title={t('vault.askFailed')} error={ask.error} />
          </>
        )}
      </div>
    </Dialog>
  );
}
