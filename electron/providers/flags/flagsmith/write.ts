import { isDeepStrictEqual } from 'node:util';
import { ScramError } from '../../../../shared/model/error.ts';
import type { ApiRequest } from '../../shared/api.ts';
import { type ShareRow, typedOf, versionSchema } from './answers.ts';
import type { FlagsmithClient, Place } from './client.ts';
import type { Definition, Held } from './definition.ts';
import type { Live } from './live.ts';

type Request = Pick<ApiRequest<unknown>, 'method' | 'path' | 'json' | 'what'>;

/** One state's writing, and what writes its present state again. */
interface Step {
  readonly write: Request;
  readonly back: Request;
}

/**
 * Makes the flag's states those of `target`. Identities are written one by one; environment and segments too, or by one
 * new version where the environment has feature versioning (docs.flagsmith.com, managing-flags/feature-versioning:
 * direct writes are answered 400 there, but for identities). A refusal on the way takes back what was written before it.
 * Once begun it goes on to its end: a flag of many overrides, cut off half-way, would be neither killed nor as it was.
 */
export async function writeStates(
  client: FlagsmithClient,
  place: Place,
  live: Live,
  target: Definition,
): Promise<void> {
  const steps = identitySteps(place, live, target);
  const versioned = place.environment.use_v2_feature_versioning;
  if (!versioned) steps.push(...stateSteps(place, live, target));
  const done: Step[] = [];
  try {
    for (const step of steps) {
      await send(client, step.write);
      done.push(step);
    }
    if (versioned) await publish(client, place, live, target);
  } catch (error) {
    // Where the answer was lost nobody knows what holds: what became of it is read, not guessed.
    const refused = error instanceof ScramError && !['unreachable', 'timeout', 'cancelled'].includes(error.code);
    if (!refused || done.length === 0) throw error;
    throw await takeBack(client, done, error);
  }
}

async function send(client: FlagsmithClient, request: Request): Promise<void> {
  await client.api.ask({ ...request, schema: null });
}

async function takeBack(client: FlagsmithClient, done: readonly Step[], error: ScramError): Promise<ScramError> {
  let left = 0;
  for (const step of done.toReversed()) {
    await send(client, step.back).catch(() => {
      left += 1;
    });
  }
  const [where, of] = [error.message, done.length];
  if (left > 0) {
    // Codes such as `credential` and `rate-limited` say that nothing was written, which is no longer true.
    const words = `${where}; ${left} of the ${of} overrides that were written before it could not be put back`;
    return new ScramError('provider', words, { action: 'Look at its present state in Flagsmith.', cause: error });
  }
  return new ScramError(error.code, `${where}; the ${of} overrides that were written before it are as they were`, {
    retryable: error.retryable,
    ...(error.action === null ? {} : { action: error.action }),
    ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

function identitySteps({ environment, edge }: Place, live: Live, target: Definition): Step[] {
  const key = encodeURIComponent(environment.api_key);
  const { feature } = live.definition;
  return target.identities.flatMap((wanted) => {
    const present = live.definition.identities.find(({ identifier }) => identifier === wanted.identifier);
    if (present === undefined || sameHeld(present, wanted)) return [];
    const row = live.identityRows.get(wanted.identifier);
    const what = `the override of identity ${wanted.identifier}`;
    const at = (held: Held): Request => {
      const body = { enabled: held.enabled, feature_state_value: held.value };
      if (edge || row === undefined) {
        return {
          method: 'PUT',
          // The second "environments" is Flagsmith's (flagsmith-cli, edgeIdentityFeatureStatesPath).
          path: `/environments/environments/${key}/edge-identities-featurestates`,
          json: {
            ...body,
            identifier: wanted.identifier,
            feature: feature.id,
            multivariate_feature_state_values: sharesOf(held, []),
          },
          what,
        };
      }
      return {
        method: 'PUT',
        path: `/environments/${key}/identities/${row.identity.id}/featurestates/${row.id}/`,
        json: {
          ...body,
          multivariate_feature_state_values: sharesOf(held, row.multivariate_feature_state_values),
        },
        what,
      };
    };
    return [{ write: at(wanted), back: at(present) }];
  });
}

/** Segments first: when their permission is missing the environment was not touched. */
function stateSteps({ environment }: Place, live: Live, target: Definition): Step[] {
  const { definition, environmentRow, segmentRows } = live;
  const steps = target.segments.flatMap((wanted): Step[] => {
    const present = definition.segments.find(({ segment }) => segment === wanted.segment);
    const row = segmentRows.get(wanted.segment);
    if (present === undefined || row === undefined || sameHeld(present, wanted)) return [];
    const path = `/features/featurestates/${row.id}/`;
    const what = `the override of segment ${wanted.name}`;
    const at = (held: Held): Request =>
      onlyEnabled(present, wanted)
        ? { method: 'PATCH', path, json: { enabled: held.enabled }, what }
        : {
            method: 'PUT',
            path,
            json: {
              feature: definition.feature.id,
              environment: environment.id,
              feature_segment: row.feature_segment,
              identity: null,
              enabled: held.enabled,
              feature_state_value: typedOf(held.value),
              multivariate_feature_state_values: sharesOf(held, row.multivariate_feature_state_values),
            },
            what,
          };
    return [{ write: at(wanted), back: at(present) }];
  });
  if (sameHeld(definition.environment, target.environment)) return steps;
  const path = `/environments/${encodeURIComponent(environment.api_key)}/featurestates/${environmentRow.id}/`;
  const what = `${definition.feature.name} in ${environment.name}`;
  const at = (held: Held): Request =>
    onlyEnabled(definition.environment, target.environment)
      ? { method: 'PATCH', path, json: { enabled: held.enabled }, what }
      : {
          method: 'PUT',
          path,
          json: {
            enabled: held.enabled,
            feature_state_value: held.value,
            multivariate_feature_state_values: sharesOf(held, environmentRow.multivariate_feature_state_values),
          },
          what,
        };
  steps.push({ write: at(target.environment), back: at(definition.environment) });
  return steps;
}

/** One version with every state that differs, live at once (EnvironmentFeatureVersionCreateSerializer). */
async function publish(
  client: FlagsmithClient,
  { environment }: Place,
  { definition }: Live,
  target: Definition,
): Promise<void> {
  const updates: Record<string, unknown>[] = [];
  const add = (held: Held, segment: { readonly segment: number; readonly priority: number } | null): void => {
    updates.push({
      feature_segment: segment === null ? null : { segment: segment.segment, priority: segment.priority },
      enabled: held.enabled,
      feature_state_value: typedOf(held.value),
      multivariate_feature_state_values: sharesOf(held, []),
    });
  };
  if (!sameHeld(definition.environment, target.environment)) add(target.environment, null);
  for (const wanted of target.segments) {
    const present = definition.segments.find(({ segment }) => segment === wanted.segment);
    if (present !== undefined && !sameHeld(present, wanted)) add(wanted, wanted);
  }
  if (updates.length === 0) return;
  const what = `a version of ${definition.feature.name} in ${environment.name}`;
  const { value } = await client.api.ask({
    method: 'POST',
    path: `/environments/${environment.id}/features/${definition.feature.id}/versions/`,
    json: {
      publish_immediately: true,
      feature_states_to_create: [],
      feature_states_to_update: updates,
      segment_ids_to_delete_overrides: [],
    },
    schema: versionSchema,
    what,
  });
  if (value.published && value.is_live !== false) return;
  throw new ScramError('provider', `${client.api.name}: ${what} was made but is not live (version ${value.uuid})`, {
    action:
      'Publish the version in Flagsmith, or update Flagsmith: it does not publish with the version that it makes.',
  });
}

/** With the numbers of the rows that are there, so that they are changed and not added. */
function sharesOf({ shares }: Held, rows: readonly ShareRow[]): Record<string, unknown>[] {
  return shares.map(({ option, percentage }) => {
    const row = rows.find((one) => one.multivariate_feature_option === option);
    return {
      ...(row?.id === undefined ? {} : { id: row.id }),
      multivariate_feature_option: option,
      percentage_allocation: percentage,
    };
  });
}

const partsOf = ({ value, shares }: Held) => ({ value, shares });
const onlyEnabled = (a: Held, b: Held): boolean => isDeepStrictEqual(partsOf(a), partsOf(b));
const sameHeld = (a: Held, b: Held): boolean => a.enabled === b.enabled && onlyEnabled(a, b);
