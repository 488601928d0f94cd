import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { useRights, useStream } from '../../client/index.ts';
import { Button, isDialogOpen, useNotices, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { asksText } from './asks.tsx';
import { newsOf } from './sort.ts';

/** Says in every view that a request has come in, and what became of one's own (D4). Draws nothing itself. */
export function ApprovalAlerts() {
  const t = useText();
  const { people } = useRights();
  const { data } = useStream('approvals.watch', {});
  const notify = useNotices((state) => state.notify);
  const dismiss = useNotices((state) => state.dismiss);
  const before = useRef<readonly ApprovalItem[] | null>(null);
  const me = people?.me?.operator ?? null;
  useEffect(() => {
    if (!data) return;
    const news = newsOf(before.current, data.items, me);
    before.current = data.items;
    // What is asked for again, ended or executed since needs no word any more.
    for (const { request, state } of data.items) if (state !== 'waiting' && state !== 'approved') dismiss(request.hash);
    for (const { kind, item } of news) {
      const id = item.request.hash;
      const name = item.deciderName ?? '';
      if (kind === 'asked') {
        notify({
          id,
          words: `${t('approvals.asksYou', { name: item.requesterName })} ${asksText(t, item)}`,
          action: (
            <Link href="/approvals" onClick={() => dismiss(id)}>
              {t('approvals.look')}
            </Link>
          ),
        });
        continue;
      }
      // A dialog that is open says it itself.
      if (isDialogOpen(usePage.getState())) continue;
      notify({
        id,
        words: `${t(kind === 'approved' ? 'approvals.approvedBy' : 'approvals.ended.refused', { name })} ${asksText(t, item)}`,
        action: (
          <Button
            size="s"
            onClick={() => {
              dismiss(id);
              usePage.getState().askApproval(id);
            }}
          >
            {t('approvals.open')}
          </Button>
        ),
      });
    }
  }, [data, me, notify, dismiss, t]);
  return null;
}
