import { useEffect, useMemo, useRef } from 'react';
import type { InputOf } from '../../../shared/contract/index.ts';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { ChangePayload } from '../../../shared/model/change.ts';
import { useStream } from '../../client/index.ts';
import { usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { ChangeDialog } from './change-dialog.tsx';

/** A request of one's own, taken up again: it is waited for, or what was approved is executed by one press (D1). */
export function ResumeDialog({ request }: { readonly request: string }) {
  const close = usePage((state) => state.closeDialogs);
  const { data } = useStream('approvals.watch', {});
  const found = data?.items.find((item) => item.request.hash === request);
  // The list of the back end forgets what ended long ago; an open dialog does not.
  const held = useRef<ApprovalItem | undefined>(undefined);
  held.current = found ?? held.current;
  const item = held.current;
  const gone = data !== undefined && item === undefined;
  useEffect(() => {
    if (gone) close();
  }, [gone, close]);
  if (!item) return null;
  return item.batch ? <ResumedBatch item={item} /> : <ResumedChange item={item} />;
}

/** What would be looked at anew for the same change. */
export function inputOf(payload: ChangePayload): InputOf<'changes.preview'> {
  const { action, connection, flag, environment, undoes, after } = payload;
  if (action === 'undo') return { action, change: undoes ?? '' };
  if (action === 'rollout') return { action, connection, flag, environment, percentage: after.percentage ?? 0 };
  return { action, connection, flag, environment };
}

const TITLES = { kill: 'changes.killTitle', undo: 'changes.undoTitle', rollout: 'changes.rolloutTitle' } as const;

function ResumedChange({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const change = item.changes[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a request's change never changes; its hash stands for it
  const taken = useMemo(
    () =>
      change && {
        input: inputOf(change.payload),
        resumed: { preview: { hash: change.hash, payload: change.payload }, item },
      },
    [change?.hash],
  );
  if (!taken || !change) return null;
  const { action, flag, environment } = change.payload;
  return (
    <ChangeDialog {...taken} title={t(TITLES[action], { flag, environment })} flag={flag} environment={environment} />
  );
}

function ResumedBatch({ item }: { readonly item: ApprovalItem }) {
  const { batch, changes } = item;
  const request = useMemo(() => {
    if (!batch) return null;
    const flags = changes.map(({ payload: { connection, flag: key } }) => ({ connection, key }));
    return { environment: batch.environment, target: { by: 'flags', flags }, name: batch.name } as const;
  }, [batch, changes]);
  return request ? <BulkDialog request={request} resumed={item} /> : null;
}
