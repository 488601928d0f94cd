import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { ApprovalStanding, AskedApproval } from '../../../services/flags/provider.ts';
import type { Api } from '../../shared/api.ts';

/**
 * A change request, as Unleash's own page reads it (Unleash/unleash, frontend/src/component/changeRequest/
 * changeRequest.types.ts). The server's side is Enterprise and was not tried out: whatever does not fit is an error.
 */
const changeRequestSchema = z.object({
  id: z.number().int(),
  title: z.string().nullish(),
  environment: z.string(),
  state: z.enum(['Draft', 'In review', 'Approved', 'Applied', 'Scheduled', 'Cancelled', 'Rejected']),
  features: z.array(
    z.object({
      name: z.string(),
      changes: z.array(z.object({ id: z.number().int(), action: z.string(), payload: z.unknown() })),
    }),
  ),
  segments: z.array(z.unknown()).nullish(),
  comments: z.array(z.object({ text: z.string() })).nullish(),
});
type ChangeRequest = z.infer<typeof changeRequestSchema>;

const switchSchema = z.object({ enabled: z.boolean() });

export interface WantedSwitch {
  readonly key: string;
  /** Unleash's name of it. */
  readonly environment: string;
  readonly enabled: boolean;
  /** Names the change: becomes the title, by which the request is found again. */
  readonly title: string;
  readonly comment: string;
}

/**
 * Change requests for the switch of an environment (frontend/src/hooks/api/actions/useChangeRequestApi). A change goes
 * into the one draft that the token's user has for the environment, which is then sent for review as a whole: a draft
 * that holds anything else is left alone.
 */
export function createChangeRequests({ api, project, site }: { api: Api; project: string; site: string }) {
  const base = `/api/admin/projects/${encodeURIComponent(project)}`;
  const one = (id: string | number): string => `${base}/change-requests/${encodeURIComponent(id)}`;

  async function request(wanted: WantedSwitch, signal: AbortSignal): Promise<AskedApproval> {
    const { key, title, comment } = wanted;
    const { value: pending } = await api.ask({
      method: 'GET',
      path: `${base}/change-requests/pending/${encodeURIComponent(key)}`,
      schema: z.array(changeRequestSchema),
      what: `change requests of ${key}`,
      signal,
    });
    const known = pending.find((found) => found.title === title);
    const there = known ?? pending.find((found) => found.state === 'Draft' && isOnly(found, wanted));
    const found = there ?? (await added(wanted, signal));
    if (found.state === 'Draft') {
      if (!isOnly(found, wanted)) throw await leftAlone(found, wanted, there === undefined);
      const what = `the change request for ${key}`;
      await api.ask({ method: 'PUT', path: `${one(found.id)}/title`, json: { title }, schema: null, what, signal });
      const json = { state: 'In review', comment };
      await api.ask({ method: 'PUT', path: `${one(found.id)}/state`, json, schema: null, what, signal });
    }
    // Unleash may stand under a path of its own.
    const url = `${site.replace(/\/+$/, '')}/projects/${encodeURIComponent(project)}/change-requests/${found.id}`;
    return { id: String(found.id), url };
  }

  async function added({ key, environment, enabled }: WantedSwitch, signal: AbortSignal): Promise<ChangeRequest> {
    const { value } = await api.ask({
      method: 'POST',
      path: `${base}/environments/${encodeURIComponent(environment)}/change-requests`,
      json: { feature: key, action: 'updateEnabled', payload: { enabled } },
      schema: changeRequestSchema,
      what: `a change request for ${key} in ${environment}`,
      signal,
    });
    return value;
  }

  /** Takes back what was added to somebody's draft, which is not to be sent for review with it. */
  async function leftAlone(draft: ChangeRequest, wanted: WantedSwitch, wasAdded: boolean): Promise<ScramError> {
    const own = draft.features.find(({ name }) => name === wanted.key)?.changes.at(-1);
    if (wasAdded && own !== undefined) {
      const what = `the draft of a change request`;
      await api.ask({ method: 'DELETE', path: `${one(draft.id)}/changes/${own.id}`, schema: null, what });
    }
    return new ScramError(
      'refused',
      `${api.name}: the token's user has a draft of a change request in ${wanted.environment} that holds other changes`,
      { action: `Send or discard change request ${draft.id} in Unleash, then try again; or add the change there.` },
    );
  }

  async function follow(id: string, signal: AbortSignal): Promise<ApprovalStanding> {
    const what = `change request ${id}`;
    try {
      const asked = {
        method: 'GET',
        path: one(id),
        schema: changeRequestSchema,
        what,
        background: true,
        signal,
      } as const;
      return standingOf((await api.ask(asked)).value);
    } catch (error) {
      if (!(error instanceof ScramError) || error.code !== 'not-found') throw error;
      return { status: 'refused', detail: 'the change request was deleted in Unleash' };
    }
  }

  async function apply(id: string, signal: AbortSignal): Promise<void> {
    const json = { state: 'Applied' };
    await api.ask({
      method: 'PUT',
      path: `${one(id)}/state`,
      json,
      schema: null,
      what: `applying change request ${id}`,
      signal,
    });
  }

  return { request, follow, apply };
}

/** True when the request does this and nothing else. */
function isOnly({ environment, features, segments }: ChangeRequest, wanted: WantedSwitch): boolean {
  const [feature, ...others] = features;
  if (environment !== wanted.environment || others.length > 0 || (segments ?? []).length > 0) return false;
  return (
    feature?.name === wanted.key &&
    feature.changes.length > 0 &&
    feature.changes.every(({ action, payload }) => {
      const read = switchSchema.safeParse(payload);
      return action === 'updateEnabled' && read.success && read.data.enabled === wanted.enabled;
    })
  );
}

function standingOf({ state, comments }: ChangeRequest): ApprovalStanding {
  const said = comments?.at(-1)?.text.trim() || null;
  switch (state) {
    case 'Applied':
      return { status: 'applied', detail: null };
    case 'Approved':
      return { status: 'approved', detail: null };
    case 'Rejected':
      return { status: 'refused', detail: said ?? 'rejected in Unleash' };
    case 'Cancelled':
      return { status: 'refused', detail: 'cancelled in Unleash' };
    case 'Scheduled':
      return { status: 'waiting', detail: 'scheduled in Unleash' };
    default:
      return { status: 'waiting', detail: null };
  }
}
