import { useStream } from '../../client/index.ts';
import { usePage } from '../../kit/index.ts';
import { ChangeDialog } from './change-dialog.tsx';
import { useText } from '../../messages/index.ts';

/** The confirmations that any view can ask for through `usePage`. The shell mounts it once. */
export function ChangeDialogs() {
  const kill = usePage((state) => state.kill);
  const undo = usePage((state) => state.undo);
  const t = useText();
  // Each request has its own dialog, so that nothing typed for one is ever kept for another (B3).
  if (kill) {
    const title = t('changes.killTitle', { flag: kill.key, environment: kill.environment });
    const input = {
      action: 'kill',
      connection: kill.connection,
      flag: kill.key,
      environment: kill.environment,
    } as const;
    return <ChangeDialog key={title} input={input} title={title} flag={kill.key} environment={kill.environment} />;
  }
  return undo ? <UndoDialog key={undo} change={undo} /> : null;
}

/** The change that is undone says which flag and environment it is about. */
function UndoDialog({ change }: { readonly change: string }) {
  const t = useText();
  const { data } = useStream('changes.watch', { hash: change });
  const payload = data?.change.payload;
  const title = payload
    ? t('changes.undoTitle', { flag: payload.flag, environment: payload.environment })
    : t('changes.undoTitleLoading');
  return (
    <ChangeDialog
      input={{ action: 'undo', change }}
      title={title}
      flag={payload?.flag ?? ''}
      environment={payload?.environment ?? ''}
    />
  );
}
