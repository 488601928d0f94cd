import type { ScramError } from '../../../shared/model/error.ts';
import { correlationIdOf } from '../../client/index.ts';
import { ErrorState } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';

/** Why it was not made, by what the back end said. */
export function Refusal({ error }: { readonly error: ScramError }) {
  const t = useText();
  const titles: Partial<Record<ScramError['code'], string>> = {
    conflict: t('changes.conflict'),
    refused: t('changes.refused'),
    forbidden: t('changes.refused'),
    locked: t('changes.locked'),
    'approval-required': t('changes.approvalRequired'),
    'rate-limited': t('changes.rateLimited'),
    expired: t('changes.expired'),
  };
  return <Failure title={titles[error.code] ?? t('changes.failed')} error={error} />;
}

interface FailureProps {
  readonly title: string;
  readonly error: ScramError;
  readonly hint?: string;
}

export function Failure({ title, error, hint }: FailureProps) {
  const t = useText();
  const id = correlationIdOf(error);
  return (
    <ErrorState
      title={title}
      detail={error.message}
      action={
        <>
          {error.action === null ? null : <p>{error.action}</p>}
          {hint === undefined ? null : <p>{hint}</p>}
          {id === null ? null : <small>{t('changes.correlation', { id })}</small>}
        </>
      }
    />
  );
}
