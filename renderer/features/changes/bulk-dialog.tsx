import { useMemo } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { BatchPreview } from '../../../shared/model/batch.ts';
import { useClient } from '../../client/index.ts';
import { type BulkTarget, EnvironmentName, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { BulkPreview } from './bulk-preview.tsx';
import { BulkProgress } from './bulk-progress.tsx';
import { batchPreviewOf } from './batch-preview-of.ts';
import { ConfirmationDialog } from './confirmation-dialog.tsx';
import { useConfirmation } from './use-confirmation.ts';

export interface BulkDialogProps {
  readonly request: BulkTarget;
  /** It was asked for before and is taken up again where it stands. */
  readonly resumed?: ApprovalItem | undefined;
}

/** Several flags, one confirmation, a result for each (B4, B13). */
export function BulkDialog({ request, resumed: item }: BulkDialogProps) {
  const t = useText();
  const client = useClient();
  const followBatch = usePage((state) => state.followBatch);
  const clearMarks = usePage((state) => state.clearMarks);
  const { environment, target, name } = request;
  const steps = useMemo(
    () => ({
      preview: () => client.call('changes.previewBatch', { environment, target }),
      propose: (preview: string, rationale: string) => client.call('changes.proposeBatch', { preview, rationale }),
      request: (hash: string) => client.call('approvals.request', { subject: { kind: 'batch', hash } }),
      execute: (hash: string) => {
        followBatch({ hash, name });
        clearMarks();
        return client.call('changes.executeBatch', { hash });
      },
      follow: false,
    }),
    [client, environment, target, name, followBatch, clearMarks],
  );
  const confirmation = useConfirmation<BatchPreview>(steps, item && { preview: batchPreviewOf(item), item });
  return (
    <ConfirmationDialog
      title={t('changes.bulkTitle', { name, environment })}
      heading={(tone) => (
        <>
          {t('changes.kill')} {name} {t('changes.in')} <EnvironmentName name={environment} tone={tone} />
        </>
      )}
      confirmName={t('changes.killButton', { environment })}
      danger
      live
      confirmation={confirmation}
      factsOf={(preview) => ({
        environment: preview.environment,
        tone: preview.tone,
        demand: preview.demand,
        typedWord: preview.typedWord,
        typedWhy: t('changes.typeWhyBulk'),
        expiresAtMs: preview.expiresAtMs,
        empty: preview.items.every((item) => item.preview === null),
      })}
      whatWillHappen={(preview, more) => <BulkPreview preview={preview}>{more}</BulkPreview>}
      made={(hash) => <BulkProgress hash={hash} />}
    />
  );
}
