import { Check, CircleSlash2, Users } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { mayApprove } from '../../../shared/rules/roles.ts';
import { useAction, useRights } from '../../client/index.ts';
import { Button, TextArea, useNow, useRefusal } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { BesideDialog } from './beside-dialog.tsx';
import { Failed } from './failed.tsx';
import { stateOf } from './state-of.ts';

export interface DecideProps {
  readonly item: ApprovalItem;
  readonly onDecided: (item: ApprovalItem) => void;
}

/** Approve, or refuse with a reason: by the person of this session, whose rights the back end holds it against (D1). */
export function Decide({ item, onDecided }: DecideProps) {
  const t = useText();
  const decide = useAction('approvals.decide');
  const right = useRefusal('approve');
  const { people } = useRights();
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const [refusing, setRefusing] = useState(false);
  const [missing, setMissing] = useState(false);
  const [beside, setBeside] = useState(false);
  const expired = stateOf(item, useNow()) === 'expired';
  const demand = item.changes[0]?.payload.demand ?? {};
  const me = people?.me;
  const refusal =
    right ?? (me && !mayApprove(me.roles, demand) ? t('approvals.roleRefusal') : expired ? t('approvals.late') : null);
  const send = (decision: 'approve' | 'refuse', reason: string) => {
    if (refusal !== null || decide.isPending) return;
    decide.mutate({ request: item.request.hash, decision, reason }, { onSuccess: onDecided });
  };
  const refuse = () => {
    if (!refusing) {
      setRefusing(true);
      return;
    }
    const reason = reasonRef.current?.value.trim() ?? '';
    setMissing(reason === '');
    if (reason === '') reasonRef.current?.focus();
    else send('refuse', reason);
  };
  const pending = decide.isPending ? decide.variables.decision : null;
  return (
    <div className={styles.decide}>
      {refusing ? (
        <TextArea
          ref={reasonRef}
          label={t('approvals.refuseReason')}
          hint={t('approvals.decisionReasonHint')}
          problem={missing ? t('approvals.refuseNeedsReason') : undefined}
          autoFocus
          required
          maxLength={2000}
        />
      ) : null}
      <div className={styles.buttons}>
        {refusing ? (
          <Button onClick={() => setRefusing(false)}>{t('approvals.cancel')}</Button>
        ) : (
          <Button
            variant="primary"
            icon={Check}
            busy={pending === 'approve'}
            aria-disabled={refusal !== null || pending !== null}
            title={refusal ?? undefined}
            onClick={() => send('approve', '')}
          >
            {t('approvals.approve')}
          </Button>
        )}
        <Button
          icon={CircleSlash2}
          busy={pending === 'refuse'}
          aria-disabled={refusal !== null || pending !== null}
          title={refusal ?? undefined}
          onClick={refusal === null ? refuse : undefined}
        >
          {t('approvals.refuse')}
        </Button>
      </div>
      {refusal === null ? null : (
        <p className={styles.muted}>
          {refusal}{' '}
          {expired ? null : (
            <Button size="s" icon={Users} onClick={() => setBeside(true)}>
              {t('approvals.beside')}
            </Button>
          )}
        </p>
      )}
      <Failed title={t('approvals.decideFailed')} error={decide.error} />
      {beside ? <BesideDialog item={item} onClose={() => setBeside(false)} /> : null}
    </div>
  );
}
