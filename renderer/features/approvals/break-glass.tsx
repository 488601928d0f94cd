import { Siren } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Tone } from '../../../shared/model/environment.ts';
import type { ApprovalsState } from '../../../shared/model/approval.ts';
import { useAction, useStream } from '../../client/index.ts';
import {
  Button,
  clockTime,
  Dialog,
  durationText,
  EnvironmentName,
  TextArea,
  TextInput,
  useNow,
} from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { deadlineText } from './deadline.ts';
import { Failed } from './failed.tsx';

export interface BreakGlassProps {
  readonly environment: string;
  readonly tone: Tone;
}

type Allowed = ApprovalsState['glassAllowed'][number];

/** The quiet way out when nobody can be reached, where policy has one; what it opens is anything but quiet (D3). */
export function BreakGlass(props: BreakGlassProps) {
  const t = useText();
  const { data } = useStream('approvals.watch', {});
  const [open, setOpen] = useState(false);
  const allowed = data?.glassAllowed.find(({ environment }) => environment === props.environment);
  if (!allowed) return null;
  return (
    <>
      <button type="button" className={styles.quietLink} onClick={() => setOpen(true)}>
        {t('approvals.glassLink')}
      </button>
      {open ? <BreakGlassDialog {...props} allowed={allowed} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface BreakGlassDialogProps extends BreakGlassProps {
  readonly allowed: Allowed;
  readonly onClose: () => void;
}

function BreakGlassDialog({ environment, tone, allowed, onClose }: BreakGlassDialogProps) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const minute = useNow(60_000);
  const open = useAction('approvals.breakGlass');
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const ready = reason.trim() !== '' && typed === environment;
  const submit = () => {
    if (ready && !open.isPending) open.mutate({ environment, reason: reason.trim() }, { onSuccess: onClose });
  };
  const name = t('approvals.glassButton', { environment });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('approvals.glassTitle', { environment })}
      heading={
        <>
          {t('approvals.glassHeading')} <EnvironmentName name={environment} tone={tone} />
        </>
      }
      tone={tone}
      closeOnOutsidePress={false}
      initialFocus={reasonRef}
      actions={
        <>
          <Button onClick={onClose}>{t('approvals.cancel')}</Button>
          <Button
            variant="danger"
            icon={Siren}
            aria-label={name}
            aria-disabled={!ready}
            busy={open.isPending}
            onClick={submit}
          >
            <span className={tone === 'production' ? styles.capitals : undefined}>{name}</span>
          </Button>
        </>
      }
    >
      <form
        className={styles.glassForm}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <ul className={styles.means}>
          <li>
            {t('approvals.glassMeans.alone', {
              environment,
              duration: durationText(allowed.forMs),
              time: clockTime(minute + allowed.forMs),
            })}
          </li>
          <li>{t('approvals.glassMeans.loud')}</li>
          <li>
            {t('approvals.glassMeans.review', {
              time: deadlineText(minute + allowed.reviewWithinMs, minute, language),
            })}
          </li>
        </ul>
        <TextArea
          ref={reasonRef}
          label={t('approvals.glassReason')}
          hint={t('approvals.glassReasonHint')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          label={t('changes.typeToConfirm', { word: environment })}
          monospace
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Failed title={t('approvals.glassFailed')} error={open.error} />
      </form>
    </Dialog>
  );
}
