import { ScramError } from '../../../../shared/model/error.ts';
import type {
  EdgeOverrideRow,
  FeatureSegmentRow,
  FlagsmithFeature,
  IdentityStateRow,
  SegmentRow,
  SegmentRule,
  ShareRow,
  StateRow,
} from './answers.ts';
import { scalarOf } from './answers.ts';
import { type FlagsmithClient, mapAtOnce, type Place } from './client.ts';
import type { Definition, Held, Scalar } from './definition.ts';

/** A feature as it is now, with the rows that a write needs. */
export interface Live {
  readonly definition: Definition;
  readonly feature: FlagsmithFeature;
  readonly environmentRow: StateRow;
  /** By the segment's number. */
  readonly segmentRows: ReadonlyMap<number, StateRow>;
  /** By identifier; absent at the edge, where identities are written by their identifier. */
  readonly identityRows: ReadonlyMap<string, IdentityStateRow>;
  /** Newest change of any of its states, epoch ms; null when Flagsmith does not tell. */
  readonly changedAtMs: number | null;
}

interface Parts {
  readonly feature: FlagsmithFeature;
  readonly states: readonly StateRow[];
  readonly featureSegments: readonly FeatureSegmentRow[];
  readonly identities: readonly IdentityStateRow[];
  readonly edge: readonly EdgeOverrideRow[];
  readonly segments: ReadonlyMap<number, SegmentRow>;
}

/** Null when the environment has no state of the feature: it is being made or removed. */
function liveOf({ feature, states, featureSegments, identities, edge, segments }: Parts): Live | null {
  const environmentRow = states.find((row) => isOwn(row));
  if (environmentRow === undefined) return null;
  const bySegment = new Map<number, StateRow>();
  const overrides = featureSegments.flatMap((link, index) => {
    const row = states.find(({ feature_segment }) => feature_segment === link.id);
    if (row === undefined) return [];
    bySegment.set(link.segment, row);
    const rules = segments.get(link.segment)?.rules ?? null;
    return [
      {
        segment: link.segment,
        name: link.segment_name === '' ? String(link.segment) : link.segment_name,
        priority: link.priority ?? index,
        share: rules === null ? null : shareOf(rules),
        ...held(row.enabled, scalarOf(row.feature_state_value), row.multivariate_feature_state_values),
      },
    ];
  });
  const people = [
    ...identities.map((row) => ({ identifier: row.identity.identifier, row })),
    ...edge.map(({ identifier, feature_state }) => ({ identifier, row: feature_state })),
  ].map(({ identifier, row }) => ({
    identifier,
    ...held(row.enabled, row.feature_state_value ?? null, row.multivariate_feature_state_values),
  }));
  const times = states.map((row) => Date.parse(row.updated_at ?? '')).filter((time) => !Number.isNaN(time));
  return {
    feature,
    environmentRow,
    segmentRows: bySegment,
    identityRows: new Map(identities.map((row) => [row.identity.identifier, row])),
    changedAtMs: times.length === 0 ? null : Math.max(...times),
    definition: {
      feature: {
        id: feature.id,
        name: feature.name,
        type: feature.type,
        initial: feature.initial_value ?? null,
        options: feature.multivariate_options
          .map((option) => ({ id: option.id, value: scalarOf(option) }))
          .sort((a, b) => a.id - b.id),
      },
      environment: held(
        environmentRow.enabled,
        scalarOf(environmentRow.feature_state_value),
        environmentRow.multivariate_feature_state_values,
      ),
      segments: overrides.sort((a, b) => a.priority - b.priority || a.segment - b.segment),
      identities: people.sort((a, b) => (a.identifier < b.identifier ? -1 : 1)),
    },
  };
}

const isOwn = (row: StateRow): boolean =>
  (row.feature_segment === null || row.feature_segment === undefined) && isNobodys(row);
const isNobodys = ({ identity }: StateRow): boolean => identity === null || identity === undefined;

function held(enabled: boolean, value: Scalar, shares: readonly ShareRow[]): Held {
  return {
    enabled,
    value,
    shares: shares
      .map((row) => ({ option: row.multivariate_feature_option, percentage: row.percentage_allocation }))
      .sort((a, b) => a.option - b.option),
  };
}

/** The one percentage split that a segment's rules consist of; null when they ask for anything else. */
export function shareOf(rules: readonly SegmentRule[]): number | null {
  const [rule, ...others] = rules;
  if (rule === undefined || others.length > 0 || rule.type === 'NONE') return null;
  const conditions = rule.conditions ?? [];
  const inner = rule.rules ?? [];
  if (conditions.length + inner.length !== 1) return null;
  const [condition] = conditions;
  if (condition === undefined) return shareOf(inner);
  const share = Number(condition.value);
  const plain = condition.operator === 'PERCENTAGE_SPLIT' && typeof condition.value === 'string';
  return plain && share >= 0 && share <= 100 ? share : null;
}

/** Every feature of an environment. Never a part of it: throws when one cannot be read whole. */
export async function readAll(client: FlagsmithClient, place: Place, signal: AbortSignal): Promise<Live[]> {
  const [features, states, edge] = await Promise.all([
    client.features(place, signal),
    client.states(place, undefined, signal),
    place.edge ? client.edgeOverrides(place, undefined, signal) : [],
  ]);
  const byFeature = Map.groupBy(states, (row) => row.feature);
  const overridden = features.filter(({ id }) => byFeature.get(id)?.some(hasSegment));
  const [segments, identities, links] = await Promise.all([
    overridden.length === 0 ? [] : client.segments(signal),
    place.edge ? [] : client.identityStates(place, undefined, signal),
    mapAtOnce(overridden, async ({ id }) => [id, await client.featureSegments(place, id, signal)] as const),
  ]);
  const segmentsById = new Map(segments.map((segment) => [segment.id, segment]));
  const linksByFeature = new Map(links);
  const identitiesByFeature = Map.groupBy(identities, (row) => row.feature);
  const edgeByFeature = Map.groupBy(edge, (row) => row.feature_state.feature);
  return features.map((feature) => {
    const live = liveOf({
      feature,
      states: byFeature.get(feature.id) ?? [],
      featureSegments: linksByFeature.get(feature.id) ?? [],
      identities: identitiesByFeature.get(feature.id) ?? [],
      edge: edgeByFeature.get(feature.id) ?? [],
      segments: segmentsById,
    });
    if (live === null) throw noState(client, feature.name, place);
    return live;
  });
}

/** One feature now. Throws `not-found` when it is gone. */
export async function readOne(
  client: FlagsmithClient,
  place: Place,
  { id, name }: { readonly id: number; readonly name: string },
  signal: AbortSignal,
): Promise<Live> {
  const [feature, states, identities, edge] = await Promise.all([
    client.feature(id, name, signal),
    client.states(place, id, signal),
    place.edge ? [] : client.identityStates(place, id, signal),
    place.edge ? client.edgeOverrides(place, id, signal) : [],
  ]);
  const featureSegments = states.some(hasSegment) ? await client.featureSegments(place, id, signal) : [];
  const overridden = featureSegments.filter((link) => states.some((row) => row.feature_segment === link.id));
  const segments = await mapAtOnce(overridden, ({ segment }) => client.segment(segment, signal));
  const live = liveOf({
    feature,
    states,
    featureSegments,
    identities,
    edge: edge.filter(({ feature_state }) => feature_state.feature === id),
    segments: new Map(segments.map((segment) => [segment.id, segment])),
  });
  if (live === null) throw noState(client, name, place);
  return live;
}

const hasSegment = ({ feature_segment }: StateRow): boolean =>
  feature_segment !== null && feature_segment !== undefined;

function noState(client: FlagsmithClient, name: string, { environment }: Place): ScramError {
  return new ScramError('provider', `${client.api.name}: environment ${environment.name} has no state of ${name}`, {
    retryable: true,
    action: 'It is being made or removed: read it again.',
  });
}
