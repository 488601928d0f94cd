import { useMemo, useState } from 'react';
import { Button, Code, Dialog, EnvironmentName, type RolloutTarget, TextInput, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { ChangeDialog } from './change-dialog.tsx';
import styles from './changes.module.css';

/** Asks for the share of users first, then confirms the change to it. */
export function RolloutDialog({ target }: { readonly target: RolloutTarget }) {
  const t = useText();
  const close = usePage((state) => state.closeDialogs);
  const tone = usePage((state) => state.tone);
  const { connection, key: flag, environment } = target;
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<number | null>(null);
  const percentage = Number(text.replace(',', '.'));
  const right = text.trim() !== '' && percentage >= 0 && percentage <= 100;
  const input = useMemo(
    () => ({ action: 'rollout', connection, flag, environment, percentage: chosen ?? 0 }) as const,
    [connection, flag, environment, chosen],
  );
  const title = t('changes.rolloutTitle', { flag, environment });
  if (chosen !== null) return <ChangeDialog input={input} title={title} flag={flag} environment={environment} />;
  const go = () => right && setChosen(percentage);
  return (
    <Dialog
      open
      onClose={close}
      title={title}
      heading={
        <span className={styles.heading}>
          {t('changes.rollout')} <Code>{flag}</Code> {t('changes.in')}{' '}
          <EnvironmentName name={environment} tone={tone} />
        </span>
      }
      tone={tone}
      actions={
        <>
          <Button onClick={close}>{t('changes.cancel')}</Button>
          <Button variant="primary" aria-disabled={!right} onClick={go}>
            {t('changes.rolloutNext')}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <TextInput
          autoFocus
          label={t('changes.rolloutShare')}
          hint={target.percentage === null ? undefined : t('changes.rolloutNow', { percentage: target.percentage })}
          problem={text !== '' && !right ? t('changes.rolloutRange') : undefined}
          inputMode="decimal"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  );
}
