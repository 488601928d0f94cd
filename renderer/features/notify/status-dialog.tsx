import { Send } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { OutputOf } from '../../../shared/contract/index.ts';
import { useAction, useCall, useStream } from '../../client/index.ts';
import {
  Button,
  Dialog,
  ErrorState,
  Skeleton,
  StatusPill,
  type StatusTarget,
  TextArea,
  TextBlock,
  usePage,
  useRefusal,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './notify.module.css';

/** A key press need not be put into the preview at once: the next one may follow. */
const TYPING_MS = 300;

export interface StatusDialogProps {
  readonly target: StatusTarget;
  readonly environment: string;
}

/** What happened, what is off, who acts, what next: sent in one action, or copied when every channel is down (A8). */
export function StatusDialog({ target, environment }: StatusDialogProps) {
  const t = useText();
  const close = usePage((page) => page.closeDialogs);
  const incident = useStream('incidents.watch', {}).data?.incidents.find(({ id }) => id === target.incident);
  const targets = (useStream('notify.watch', {}).data?.targets ?? []).filter(({ events }) => events.includes('status'));
  const refusal = useRefusal('act');
  const [next, setNext] = useState('');
  const settled = useSettled(next);
  const preview = useCall('notify.preview', { environment, incident: target.incident, next: settled });
  // What is shown meanwhile is of a moment ago; a dialog that flickers at each key is no help.
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (preview.data) setShown(preview.data.text);
  }, [preview.data]);
  const send = useAction('notify.send');
  const ready = targets.length > 0 && refusal === null && !send.isPending;
  const title = incident ? t('notify.statusOf', { title: incident.title }) : t('notify.statusTitle');
  const sent = send.data !== undefined;
  return (
    <Dialog
      open
      onClose={close}
      title={t('notify.statusTitle')}
      heading={title}
      width="l"
      closeOnOutsidePress={false}
      actions={
        sent ? (
          <Button variant="primary" onClick={close}>
            {t('notify.done')}
          </Button>
        ) : (
          <>
            <Button onClick={close}>{t('notify.cancel')}</Button>
            <Button
              variant="primary"
              icon={Send}
              aria-disabled={!ready}
              busy={send.isPending}
              onClick={() => ready && send.mutate({ environment, incident: target.incident, next: next.trim() })}
            >
              {t('notify.send')}
            </Button>
          </>
        )
      }
    >
      <div className={styles.status}>
        {sent ? null : (
          <TextArea
            autoFocus
            label={t('notify.next')}
            hint={t('notify.nextHint')}
            rows={2}
            maxLength={2000}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
        )}
        {send.data ? <Results results={send.data.results} /> : null}
        {send.error ? (
          <ErrorState
            title={t('notify.sendFailed')}
            detail={send.error.message}
            action={send.error.action ?? t('notify.copyInstead')}
          />
        ) : null}
        {shown !== null ? (
          <TextBlock label={t('notify.preview')} text={shown} rows={12} plain copyLabel={t('notify.copy')} />
        ) : preview.error ? (
          <ErrorState
            title={t('notify.previewFailed')}
            detail={preview.error.message}
            action={preview.error.action}
            onRetry={() => void preview.refetch()}
          />
        ) : (
          <Skeleton lines={6} />
        )}
        {sent ? null : (
          <p className={styles.muted}>
            {targets.length === 0
              ? t('notify.noTargets')
              : refusal === null
                ? t('notify.goesTo', { targets: targets.map(({ id }) => id).join(', ') })
                : `${refusal} ${t('notify.mayNot')}`}
          </p>
        )}
      </div>
    </Dialog>
  );
}

function Results({ results }: { readonly results: OutputOf<'notify.send'>['results'] }) {
  const t = useText();
  return (
    <section role="status" aria-label={t('notify.results')}>
      <ul className={styles.results}>
        {results.map(({ target, ok, detail }) => (
          <li key={target}>
            <strong>{target}</strong>
            <StatusPill tint={ok ? 'green' : 'amber'}>{t(ok ? 'notify.ok' : 'notify.notOk')}</StatusPill>
            {detail === null ? null : <span>{detail}</span>}
          </li>
        ))}
      </ul>
      {results.some(({ ok }) => !ok) || results.length === 0 ? (
        <p className={styles.muted}>{t('notify.copyInstead')}</p>
      ) : null}
    </section>
  );
}

/** The text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
