import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';
import type { HttpResponse } from '../../../platform/http/client.ts';
import type { Api } from '../../shared/api.ts';
import type { Write } from './plan.ts';
import { refusalSchema, servingSchema, type Variation } from './schema.ts';

export interface Target {
  readonly project: string;
  readonly key: string;
  /** LaunchDarkly's key of the environment. */
  readonly environment: string;
  /** Of the flag in that environment, as just read. */
  readonly version: number;
  /** As just read: whether there is an off variation. */
  readonly hasOffVariation: boolean;
  readonly variations: readonly Variation[];
}

export interface Service {
  readonly api: Api;
  /** Takes the token out of words that LaunchDarkly, or a proxy, may repeat. */
  readonly redact: (text: string) => string;
}

export const SEMANTIC_PATCH = 'application/json; domain-model=launchdarkly.semanticpatch';

/** `done`; `moved`: collided with another write; else what LaunchDarkly has against the patch. Nothing was written then. */
export type Outcome = 'done' | 'moved' | ScramError;

const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/**
 * A JSON patch that begins with a `test` of the version: the one precondition that the API has, checked together with
 * the write, so that nothing comes in between (launchdarkly.com/docs/api, Updates using JSON patch). A semantic patch
 * cannot test, nor clear an off variation. A comment goes beside the patch (Updates with comments).
 */
export function patchOf({ set }: Write, target: Target): JsonObject[] {
  const at = (field: string): string => pointer('environments', target.environment, field);
  const operations = Object.entries(set).map(([field, value]): JsonObject => {
    if (field !== 'offVariation') return { op: 'replace', path: at(field), value: value ?? null };
    if (value === null) return { op: 'remove', path: at(field) };
    return { op: target.hasOffVariation ? 'replace' : 'add', path: at(field), value: value ?? null };
  });
  // Removing what is not there is an error of the patch, not a change.
  const needed = operations.filter(({ op }) => op !== 'remove' || target.hasOffVariation);
  return [{ op: 'test', path: at('version'), value: target.version }, ...needed];
}

/** The same change as instructions of a semantic patch; null when they cannot say it. */
export function instructionsOf({ set }: Write, { variations }: Target): JsonObject[] | null {
  const instructions: JsonObject[] = [];
  const idOf = (index: number): string | null => variations[index]?._id ?? null;
  for (const [field, value] of Object.entries(set)) {
    if (field === 'on') instructions.push({ kind: value === true ? 'turnFlagOn' : 'turnFlagOff' });
    else if (field === 'offVariation') {
      const variationId = typeof value === 'number' ? idOf(value) : null;
      if (variationId === null) return null;
      instructions.push({ kind: 'updateOffVariation', variationId });
    } else if (field === 'fallthrough') {
      const serves = fallthroughOf(value ?? null, idOf);
      if (serves === null) return null;
      instructions.push({ kind: 'updateFallthroughVariationOrRollout', ...serves });
    } else return null;
  }
  return instructions;
}

function fallthroughOf(value: JsonValue, idOf: (index: number) => string | null): JsonObject | null {
  const { variation, rollout } = servingSchema.parse(value);
  if (typeof variation === 'number') {
    const variationId = idOf(variation);
    return variationId === null ? null : { variationId };
  }
  if (!rollout || rollout.seed || rollout.experimentAllocation) return null;
  const weights = rollout.variations.map((one) => [idOf(one.variation), one.weight] as const);
  if (weights.some(([id]) => id === null)) return null;
  return {
    rolloutWeights: Object.fromEntries(weights.map(([id, weight]) => [id ?? '', weight])),
    ...(rollout.bucketBy ? { rolloutBucketBy: rollout.bucketBy } : {}),
    ...(rollout.contextKind ? { rolloutContextKind: rollout.contextKind } : {}),
  };
}

/** Sends one of the two forms. Throws what tells nothing of the patch itself: no answer, no right, too many requests. */
export async function send(
  { api, redact }: Service,
  target: Target,
  write: Write,
  body: { readonly patch: JsonValue } | { readonly instructions: JsonValue },
  comment: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { project, key, environment } = target;
  const semantic = 'instructions' in body;
  const what = `changing ${key} in ${environment}`;
  const { response } = await api.ask({
    method: 'PATCH',
    path: `/api/v2/flags/${encodeURIComponent(project)}/${encodeURIComponent(key)}`,
    query: { ignoreConflicts: write.overPending ? 'true' : undefined },
    headers: { 'content-type': semantic ? SEMANTIC_PATCH : 'application/json' },
    json: semantic ? { environmentKey: environment, comment, ...body } : { comment, ...body },
    schema: null,
    what,
    accept: [400, 405, 409, 422],
    signal,
  });
  if (response.status >= 200 && response.status < 300) return 'done';
  return outcomeOf(response, { name: api.name, redact }, what);
}

function outcomeOf(
  response: HttpResponse,
  { name, redact }: Pick<Service, 'redact'> & { name: string },
  what: string,
): Outcome {
  const { status } = response;
  const read = refusalSchema.safeParse(response.json());
  const told = read.success ? read.data : { code: null, message: '' };
  const said = told.message === '' ? '' : `: ${redact(told.message).slice(0, 500)}`;
  if (status === 409) return 'moved';
  if (status === 405 && told.code) {
    // "If a request attempts to alter a flag configuration in an environment where approvals are required for the flag,
    // the request will fail with a 405" (launchdarkly.com/docs/api, Update feature flag).
    throw new ScramError('approval-required', `${name}, ${what}: an approval is required there${said}`, {
      action:
        "An approval request is opened in LaunchDarkly: have it approved there, and the change goes on; or give the console's token the action bypassRequiredApproval.",
    });
  }
  const refused = new ScramError('provider', `${name}, ${what}: refused with HTTP ${status}${said}`, {
    action: 'Look at the flag in LaunchDarkly: a scheduled change or an approval request may be pending.',
  });
  // What has no code of theirs was said by something in front of it.
  if (!told.code) throw refused;
  return refused;
}
