import { useMemo } from 'react';
import { useStream } from '../../client/index.ts';
import { usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { type ApprovalParts, ApprovalPartsContext } from './approval-parts.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { ResumeDialog } from './resume-dialog.tsx';
import { RolloutDialog } from './rollout-dialog.tsx';

/** The confirmations that any view can ask for through `usePage`. The shell mounts it once. */
export function ChangeDialogs({ parts }: { readonly parts: ApprovalParts }) {
  return (
    <ApprovalPartsContext value={parts}>
      <Asked />
    </ApprovalPartsContext>
  );
}

function Asked() {
  const kill = usePage((state) => state.kill);
  const undo = usePage((state) => state.undo);
  const bulk = usePage((state) => state.bulk);
  const rollout = usePage((state) => state.rollout);
  const approval = usePage((state) => state.approval);
  // Each request has its own dialog, so that nothing typed for one is ever kept for another (B3).
  if (kill) {
    const { connection, key: flag, environment } = kill;
    return (
      <KillDialog
        key={`${connection}/${flag} ${environment}`}
        connection={connection}
        flag={flag}
        environment={environment}
      />
    );
  }
  if (bulk) return <BulkDialog key={JSON.stringify(bulk)} request={bulk} />;
  if (rollout) return <RolloutDialog key={`${rollout.connection}/${rollout.key}`} target={rollout} />;
  if (approval) return <ResumeDialog key={approval} request={approval} />;
  return undo ? <UndoDialog key={undo} change={undo} /> : null;
}

interface KillDialogProps {
  readonly connection: string;
  readonly flag: string;
  readonly environment: string;
}

function KillDialog({ connection, flag, environment }: KillDialogProps) {
  const t = useText();
  const input = useMemo(
    () => ({ action: 'kill', connection, flag, environment }) as const,
    [connection, flag, environment],
  );
  const title = t('changes.killTitle', { flag, environment });
  return <ChangeDialog input={input} title={title} flag={flag} environment={environment} />;
}

/** The change that is undone says which flag and environment it is about. */
function UndoDialog({ change }: { readonly change: string }) {
  const t = useText();
  const { data } = useStream('changes.watch', { hash: change });
  const payload = data?.change.payload;
  const input = useMemo(() => ({ action: 'undo', change }) as const, [change]);
  const title = payload
    ? t('changes.undoTitle', { flag: payload.flag, environment: payload.environment })
    : t('changes.undoTitleLoading');
  return (
    <ChangeDialog input={input} title={title} flag={payload?.flag ?? ''} environment={payload?.environment ?? ''} />
  );
}
