import { Siren } from 'lucide-react';
import { useState } from 'react';
import type { ApprovalSubject } from '../../shared/model/approval.ts';
import { useAction, useStream } from '../client/index.ts';
import { useText } from '../messages/index.ts';
import { Button } from './button.tsx';
import { TextArea } from './field.tsx';
import styles from './freeze-override.module.css';
import { useRefusal } from './refusal.ts';
import { ErrorState } from './states.tsx';
import { clockTime } from './time.tsx';

export interface FreezeOverrideProps {
  /** The change, or bulk kill, that an open incident holds. */
  readonly subject: ApprovalSubject;
  readonly environment: string;
  /** Called once it was let through: what was held may be tried again. */
  readonly onOverridden: () => void;
}

/** Why a change is held while an incident is open, and the recorded way past it (D9). */
export function FreezeOverride({ subject, environment, onOverridden }: FreezeOverrideProps) {
  const t = useText();
  const incidents = useStream('incidents.watch', {}).data?.incidents ?? [];
  const override = useAction('incidents.override');
  const refusal = useRefusal('act');
  const [reason, setReason] = useState('');
  const holding = incidents.find(
    (incident) => incident.closedAtMs === null && incident.environments.includes(environment),
  );
  const ready = reason.trim() !== '' && refusal === null && !override.isPending;
  return (
    <form
      className={styles.box}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) override.mutate({ subject, reason: reason.trim() }, { onSuccess: onOverridden });
      }}
    >
      <p className={styles.words}>
        <Siren aria-hidden size={16} />
        <span>
          {holding
            ? t('incidents.holds', { title: holding.title, time: clockTime(holding.openedAtMs) })
            : t('incidents.holdsUnknown')}
        </span>
      </p>
      <TextArea
        label={t('incidents.overrideReason')}
        hint={t('incidents.overrideHint')}
        required
        maxLength={2000}
        rows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {override.error ? (
        <ErrorState
          title={t('incidents.overrideFailed')}
          detail={override.error.message}
          action={override.error.action}
        />
      ) : null}
      <p>
        <Button type="submit" aria-disabled={!ready} busy={override.isPending} title={refusal ?? undefined}>
          {t('incidents.override')}
        </Button>
      </p>
    </form>
  );
}
