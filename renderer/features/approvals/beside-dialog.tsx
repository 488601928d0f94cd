import { type FormEvent, useRef, useState } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { mayApprove } from '../../../shared/rules/roles.ts';
import { toScramError, useClient, useRights } from '../../client/index.ts';
import {
  Button,
  Dialog,
  EmptyState,
  PassphraseInput,
  PersonChoice,
  takePassphrase,
  TextArea,
  useNow,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { Facts } from './facts.tsx';
import { Failed } from './failed.tsx';
import { SlisNow } from './slis-now.tsx';
import { WholeChange } from './whole-change.tsx';

export interface BesideDialogProps {
  readonly item: ApprovalItem;
  readonly onClose: () => void;
}

type Decision = 'approve' | 'refuse';

/** The second person at the same desk: sees the whole change, proves who they are, decides. The first one's session stays (D4). */
export function BesideDialog({ item, onClose }: BesideDialogProps) {
  const t = useText();
  const client = useClient();
  const { people } = useRights();
  const input = useRef<HTMLInputElement>(null);
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [reasonNeeded, setReasonNeeded] = useState(false);
  const [busy, setBusy] = useState<Decision | null>(null);
  const [error, setError] = useState<ScramError | null>(null);
  const waitMs = Math.max(0, (people?.retryAtMs ?? 0) - useNow());

  const demand = item.changes[0]?.payload.demand ?? {};
  const rolesOf = (operator: string) => people?.roster.operators.find(({ id }) => id === operator)?.roles ?? [];
  const others = (people?.unlockable ?? [])
    .filter(({ operator }) => operator !== item.request.body.requester.operator)
    .map(({ operator, name, inRoster }) => {
      const roles = rolesOf(operator);
      const able = inRoster && mayApprove(roles, demand);
      const words = roles.map((role) => t(`people.role.${role}`)).join(', ');
      const hint = able
        ? words
        : t(inRoster ? 'approvals.mayNot' : 'people.notInRoster', inRoster ? { roles: words } : {});
      return { operator, name, hint, disabled: !able };
    });
  const able = others.filter(({ disabled }) => !disabled);
  const person = able.find(({ operator }) => operator === chosen) ?? (able.length === 1 ? able[0] : undefined);
  const close = () => {
    takePassphrase(input.current);
    onClose();
  };

  const decide = (decision: Decision) => {
    if (busy !== null || waitMs > 0 || !person) return;
    const missing = decision === 'refuse' && reason.trim() === '';
    setReasonNeeded(missing);
    if (missing) {
      reasonRef.current?.focus();
      return;
    }
    const passphrase = takePassphrase(input.current);
    if (passphrase === '') {
      input.current?.focus();
      return;
    }
    setBusy(decision);
    setError(null);
    // Not through the page's query cache, which keeps what was sent with each call: a passphrase is kept nowhere.
    client
      .call('approvals.decideBeside', {
        request: item.request.hash,
        decision,
        reason: reason.trim(),
        operator: person.operator,
        passphrase,
      })
      .then(onClose, (thrown: unknown) => {
        setBusy(null);
        setError(toScramError(thrown));
        input.current?.focus();
        // What was wrong is told below the input, which may be at the lower edge.
        requestAnimationFrame(() => input.current?.scrollIntoView({ block: 'center' }));
      });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    decide('approve');
  };
  const wrong = error?.code === 'locked';

  return (
    <Dialog
      open
      onClose={close}
      title={t('approvals.besideTitle')}
      tone={item.changes[0]?.payload.tone}
      width="l"
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={close}>{t('approvals.cancel')}</Button>
          <Button busy={busy === 'refuse'} aria-disabled={!person || waitMs > 0} onClick={() => decide('refuse')}>
            {t('approvals.refuse')}
          </Button>
          <Button
            variant="primary"
            busy={busy === 'approve'}
            aria-disabled={!person || waitMs > 0}
            onClick={() => decide('approve')}
          >
            {t('approvals.approve')}
          </Button>
        </>
      }
    >
      <div className={styles.beside}>
        <p>{t('approvals.besideHow', { name: item.requesterName })}</p>
        <div className={styles.besideFacts}>
          <Facts item={item} />
        </div>
        <WholeChange item={item} evidence={<SlisNow item={item} />} />
        {able.length === 0 ? (
          <EmptyState title={t('approvals.nobodyBeside')}>{t('approvals.nobodyBesideHow')}</EmptyState>
        ) : (
          <form className={styles.besideForm} onSubmit={submit}>
            <PersonChoice
              label={t('approvals.secondPerson')}
              people={others}
              value={person?.operator ?? null}
              onChoose={(operator) => {
                setChosen(operator);
                setError(null);
                takePassphrase(input.current);
              }}
            />
            <PassphraseInput
              ref={input}
              hint={
                people?.practicePassphrase == null ? undefined : `${t('people.practice')} ${people.practicePassphrase}`
              }
              problem={
                waitMs > 0
                  ? t('people.tooMany', { seconds: Math.ceil(waitMs / 1000) })
                  : wrong
                    ? t('people.wrong', { name: person?.name ?? '' })
                    : undefined
              }
            />
            <TextArea
              ref={reasonRef}
              label={t('approvals.decisionReason')}
              hint={t('approvals.decisionReasonHint')}
              problem={reasonNeeded && reason.trim() === '' ? t('approvals.refuseNeedsReason') : undefined}
              maxLength={2000}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {wrong ? null : <Failed title={t('approvals.decideFailed')} error={error} />}
          </form>
        )}
      </div>
    </Dialog>
  );
}
