import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { BatchPreview } from '../../../shared/model/batch.ts';

/** A bulk kill that was proposed earlier, as it was looked at then. */
export function batchPreviewOf(item: ApprovalItem): BatchPreview {
  const { batch, changes, request } = item;
  const payloads = changes.map(({ payload }) => payload);
  const demands = payloads.map(({ demand }) => demand);
  return {
    hash: request.body.subject.hash,
    name: batch?.name ?? '',
    environment: request.body.environment,
    tone: payloads.some(({ tone }) => tone === 'production') ? 'production' : 'neutral',
    demand: {
      ...demands[0],
      people: Math.max(...demands.map(({ people }) => people)),
      typed: true,
      rationale: demands.some(({ rationale }) => rationale),
    },
    typedWord: request.body.environment,
    affectedServices: [...new Set(payloads.flatMap(({ affectedServices }) => affectedServices))],
    items: changes.map(({ hash, payload: { connection, flag, providerEnvironment, before, after } }) => ({
      connection,
      flag,
      providerEnvironment,
      // The proposal does not say it; what was critical was typed for and asked for then.
      critical: false,
      percentage: before.percentage,
      serves: before.serves,
      willServe: after.serves,
      preview: hash,
      problem: null,
    })),
    expiresAtMs: request.body.expiresAtMs,
  };
}
