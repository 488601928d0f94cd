import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
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
  const [path] = useLocation();
  const here = useRef(false);
  here.current = path.startsWith('/approvals');
  const before = useRef<readonly ApprovalItem[] | null>(null);
  const me = people?.me?.operator ?? null;
  useEffect(() => {
    if (!data) return;
    const news = newsOf(before.current, data.items, me);
    before.current = data.items;
    // What is decided, ended or executed since needs no word any more.
    for (const { request, state } of data.items) {
      const own = request.body.requester.operator === me;
      if (state !== 'waiting' && !(own && state === 'approved')) dismiss(request.hash);
    }
    for (const { kind, item } of news) {
      const id = item.request.hash;
      const name = item.deciderName ?? '';
      if (kind === 'asked') {
        // The view of approvals shows it, and says by itself how many there are.
        if (here.current) continue;
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
  useEffect(() => {
    if (!path.startsWith('/approvals')) return;
    for (const { request } of before.current ?? []) dismiss(request.hash);
  }, [path, dismiss]);
  return null;
}
