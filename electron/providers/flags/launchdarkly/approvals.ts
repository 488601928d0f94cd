import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import type { ApprovalStanding, AskedApproval } from '../../../services/flags/provider.ts';
import type { Api } from '../../shared/api.ts';
import { type ApprovalRequest, approvalRequestSchema, approvalRequestsSchema } from './schema.ts';
import type { Target } from './write.ts';

export interface ApprovalsOptions {
  readonly api: Api;
  /** Address of LaunchDarkly's own page, which is that of its API. */
  readonly site: string;
}

const part = encodeURIComponent;

/**
 * Approval requests (launchdarkly.com/docs/api/approvals): instructions of a semantic patch that are written once enough
 * people have approved them and somebody has applied them. What conflicts by then fails, and nothing is written.
 */
export function createApprovals({ api, site }: ApprovalsOptions) {
  const one = (id: string): string => `/api/v2/approval-requests/${part(id)}`;

  /** The request of this description: the one that is there already, else a new one. */
  async function request(
    target: Target,
    wanted: { readonly instructions: readonly JsonObject[]; readonly description: string; readonly comment: string },
    signal: AbortSignal,
  ): Promise<AskedApproval> {
    const { project, key, environment } = target;
    const path = `/api/v2/projects/${part(project)}/flags/${part(key)}/environments/${part(environment)}/approval-requests`;
    const what = `the approval requests of ${key} in ${environment}`;
    const listed = await api.ask({ method: 'GET', path, schema: approvalRequestsSchema, what, signal });
    const url = new URL(`/${part(project)}/${part(environment)}/features/${part(key)}`, site).href;
    const there = listed.value.items.find(({ description }) => description === wanted.description);
    if (there !== undefined) return { id: there._id, url };
    const { value } = await api.ask({
      method: 'POST',
      path,
      json: { ...wanted, instructions: [...wanted.instructions] },
      schema: approvalRequestSchema,
      what: `an approval request for ${key} in ${environment}`,
      signal,
    });
    return { id: value._id, url };
  }

  async function follow(id: string, signal: AbortSignal): Promise<ApprovalStanding> {
    const what = `approval request ${id}`;
    const asked = {
      method: 'GET',
      path: one(id),
      schema: approvalRequestSchema,
      what,
      background: true,
      signal,
    } as const;
    try {
      return standingOf((await api.ask(asked)).value);
    } catch (error) {
      if (!(error instanceof ScramError) || error.code !== 'not-found') throw error;
      return { status: 'refused', detail: 'the approval request was deleted in LaunchDarkly' };
    }
  }

  async function apply(id: string, signal: AbortSignal): Promise<void> {
    const json = { comment: 'applied by Scram' };
    await api.ask({
      method: 'POST',
      path: `${one(id)}/apply`,
      json,
      schema: null,
      what: `applying approval ${id}`,
      signal,
    });
  }

  return { request, follow, apply };
}

function standingOf({ status, reviewStatus, allReviews }: ApprovalRequest): ApprovalStanding {
  const said = (kind: 'approve' | 'decline'): string | null =>
    allReviews.findLast((review) => review.kind === kind)?.comment?.trim() || null;
  if (status === 'completed') return { status: 'applied', detail: said('approve') };
  if (status === 'failed') {
    return { status: 'failed', detail: 'LaunchDarkly could not apply it: it conflicts with another change' };
  }
  if (reviewStatus === 'declined') return { status: 'refused', detail: said('decline') ?? 'declined in LaunchDarkly' };
  // What is scheduled is applied by LaunchDarkly at its time.
  if (status === 'scheduled') return { status: 'waiting', detail: 'scheduled in LaunchDarkly' };
  return { status: reviewStatus === 'approved' ? 'approved' : 'waiting', detail: null };
}
