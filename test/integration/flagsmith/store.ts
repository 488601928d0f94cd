import { crc32 } from 'node:zlib';

export type Scalar = string | number | boolean | null;
export interface Share {
  id: number;
  multivariate_feature_option: number;
  percentage_allocation: number;
}
export interface State {
  id: number;
  feature: number;
  featureSegment: number | null;
  identity: number | null;
  enabled: boolean;
  value: Scalar;
  shares: Share[];
  updatedAt: string;
}
export interface Feature {
  id: number;
  name: string;
  type: 'STANDARD' | 'MULTIVARIATE';
  description: string | null;
  initial_value: string | null;
  is_archived: boolean;
  options: { id: number; value: Scalar }[];
}
export interface FeatureSegment {
  id: number;
  feature: number;
  segment: number;
  priority: number;
}
export interface Segment {
  id: number;
  name: string;
  rules: unknown[];
  holds: (user: string) => boolean;
}
export interface EdgeOverride {
  identifier: string;
  feature: number;
  enabled: boolean;
  value: Scalar;
  shares: Omit<Share, 'id'>[];
}

/** What a project of Flagsmith holds, how it serves it, and what people do to it past the console. */
export interface FlagsmithStore {
  readonly edge: boolean;
  readonly features: Map<string, Feature>;
  readonly segments: Segment[];
  readonly identities: { id: number; identifier: string }[];
  /** Newest first. */
  readonly audit: Record<string, unknown>[];
  readonly edgeOverrides: EdgeOverride[];
  states: State[];
  links: FeatureSegment[];
  /** A number for a new row. */
  next(): number;
  featureById(id: number): Feature | undefined;
  log(words: string, type: string, environment: boolean, author?: boolean): void;
  add(
    name: string,
    feature?: Partial<Feature> & { enabled?: boolean; value?: Scalar; shares?: [number, number][] },
  ): Feature;
  segment(name: string, rules: unknown[], holds: (user: string) => boolean): number;
  overrideSegment(name: string, segment: number, held: { enabled: boolean; value?: Scalar }): void;
  overrideIdentity(
    name: string,
    identifier: string,
    held: { enabled: boolean; value?: Scalar; shares?: [number, number][] },
  ): void;
  own(name: string): State;
  /** Somebody changes something by the dashboard, which the audit log tells. */
  change(name: string, run: () => void): void;
  remove(name: string): void;
  evaluate(name: string, user: string): string | null;
  /** All that is served, without numbers of rows. */
  held(): unknown;
}

export const ENVIRONMENT = { id: 71, name: 'Production', api_key: 'prod-key' };
export const typed = (value: Scalar) => ({
  type: typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'unicode',
  string_value: typeof value === 'string' ? value : null,
  integer_value: typeof value === 'number' ? value : null,
  boolean_value: typeof value === 'boolean' ? value : null,
});
const splitOf = (segment: number, user: string): number => (crc32(`${segment},${user}`) % 10_000) / 100;

/** A segment of so many percent of all identities. */
export const percentageSplit = (share: number) => [
  {
    type: 'ALL',
    conditions: [],
    rules: [
      { type: 'ANY', rules: [], conditions: [{ operator: 'PERCENTAGE_SPLIT', property: '', value: String(share) }] },
    ],
  },
];
export const traitRules = [
  {
    type: 'ALL',
    conditions: [],
    rules: [{ type: 'ANY', rules: [], conditions: [{ operator: 'EQUAL', property: 'plan', value: 'beta' }] }],
  },
];

/** Users of a segment that is a percentage split, as the fixture evaluates it. */
export const inSplit = (segment: () => number, share: number) => (user: string) => splitOf(segment(), user) < share;

export function createStore(edge: boolean): FlagsmithStore {
  const features = new Map<string, Feature>();
  const segments: Segment[] = [];
  const identities: { id: number; identifier: string }[] = [];
  const audit: Record<string, unknown>[] = [];
  const edgeOverrides: EdgeOverride[] = [];
  let serial = 100;
  const next = (): number => {
    serial += 1;
    return serial;
  };
  function log(words: string, type: string, environment: boolean, author = true): void {
    audit.unshift({
      id: next(),
      created_date: new Date().toISOString(),
      log: words,
      author: author ? { id: 3, email: 'kim@shop.example', first_name: 'Kim', last_name: 'Lee' } : null,
      environment: environment ? { id: ENVIRONMENT.id, name: ENVIRONMENT.name } : null,
      project: { id: 7, name: 'Shop' },
      related_object_id: null,
      related_object_type: type,
      is_system_event: false,
    });
  }

  const featureById = (id: number) => [...features.values()].find((feature) => feature.id === id);

  function shown(
    row: Pick<State, 'enabled' | 'value'> & { shares: Omit<Share, 'id'>[] },
    feature: Feature,
    user: string,
  ) {
    if (feature.type === 'STANDARD') return row.enabled ? 'on' : 'off';
    if (!row.enabled) return null;
    const bucket = (crc32(`${feature.id},${user}`) % 10_000) / 100;
    let upTo = 0;
    for (const { multivariate_feature_option: option, percentage_allocation: share } of row.shares) {
      upTo += share;
      if (bucket < upTo) return String(feature.options.find(({ id }) => id === option)?.value);
    }
    return String(row.value);
  }

  const state = (feature: number, held: { enabled: boolean; value?: Scalar; shares?: [number, number][] }): State => ({
    id: next(),
    feature,
    featureSegment: null,
    identity: null,
    enabled: held.enabled,
    value: held.value ?? null,
    shares: (held.shares ?? []).map(([option, share]) => ({
      id: next(),
      multivariate_feature_option: option,
      percentage_allocation: share,
    })),
    updatedAt: new Date().toISOString(),
  });
  const need = (name: string): Feature => {
    const feature = features.get(name);
    if (!feature) throw new Error(`the fixture has no feature ${name}`);
    return feature;
  };
  const heldOf = ({ enabled, value, shares }: State | EdgeOverride) => ({
    enabled,
    value,
    shares: shares.map((share) => [share.multivariate_feature_option, share.percentage_allocation]),
  });

  const store: FlagsmithStore = {
    edge,
    features,
    segments,
    identities,
    audit,
    edgeOverrides,
    states: [],
    links: [],
    next,
    featureById,
    log,
    add(
      name: string,
      { enabled = false, value = null, shares = [], ...rest }: Parameters<FlagsmithStore['add']>[1] = {},
    ) {
      const feature: Feature = {
        id: next(),
        name,
        type: 'STANDARD',
        description: null,
        initial_value: null,
        is_archived: false,
        options: [],
        ...rest,
      };
      features.set(name, feature);
      store.states.push(state(feature.id, { enabled, value, shares }));
      log(`New Flag / Remote Config created: ${name}`, 'FEATURE', false);
      return feature;
    },
    segment(name: string, rules: unknown[], holds: (user: string) => boolean) {
      const id = next();
      segments.push({ id, name, rules, holds });
      return id;
    },
    overrideSegment(name: string, segment: number, held: { enabled: boolean; value?: Scalar }) {
      const { id: feature } = need(name);
      const link = {
        id: next(),
        feature,
        segment,
        priority: store.links.filter((one) => one.feature === feature).length,
      };
      store.links.push(link);
      store.states.push({ ...state(feature, held), featureSegment: link.id });
    },
    overrideIdentity(
      name: string,
      identifier: string,
      held: { enabled: boolean; value?: Scalar; shares?: [number, number][] },
    ) {
      const { id: feature } = need(name);
      const row = state(feature, held);
      if (edge) {
        edgeOverrides.push({
          identifier,
          feature,
          enabled: row.enabled,
          value: row.value,
          shares: row.shares.map(({ id: _, ...share }) => share),
        });
        return;
      }
      let person = identities.find((one) => one.identifier === identifier);
      if (!person) {
        person = { id: next(), identifier };
        identities.push(person);
      }
      store.states.push({ ...row, identity: person.id });
    },
    own(name: string) {
      const { id } = need(name);
      return store.states.find(
        (row) => row.feature === id && row.featureSegment === null && row.identity === null,
      ) as State;
    },
    change(name: string, run: () => void) {
      run();
      log(`Flag state updated for feature: ${name}`, 'FEATURE_STATE', true);
    },
    remove(name: string) {
      const { id } = need(name);
      features.delete(name);
      store.states = store.states.filter((row) => row.feature !== id);
      store.links = store.links.filter((link) => link.feature !== id);
      log(`Flag / Remote Config Deleted: ${name}`, 'FEATURE', false);
    },
    evaluate(name: string, user: string) {
      const feature = features.get(name);
      if (!feature) return null;
      const own = store.states.filter((row) => row.feature === feature.id);
      const person = identities.find(({ identifier }) => identifier === user);
      const personal =
        edgeOverrides.find((row) => row.feature === feature.id && row.identifier === user) ??
        own.find((row) => row.identity !== null && row.identity === person?.id);
      if (personal) return shown(personal, feature, user);
      const order = store.links.filter((link) => link.feature === feature.id).sort((a, b) => a.priority - b.priority);
      const link = order.find(({ segment }) => segments.find(({ id }) => id === segment)?.holds(user));
      const row = own.find(
        ({ featureSegment, identity }) => identity === null && featureSegment === (link?.id ?? null),
      );
      return row ? shown(row, feature, user) : null;
    },
    held() {
      return [...features.values()].map((feature) => ({
        name: feature.name,
        states: store.states
          .filter((row) => row.feature === feature.id)
          .map((row) => ({
            segment: store.links.find(({ id }) => id === row.featureSegment)?.segment ?? null,
            identity: row.identity,
            ...heldOf(row),
          }))
          .sort((a, b) => (JSON.stringify([a.segment, a.identity]) < JSON.stringify([b.segment, b.identity]) ? -1 : 1)),
        edge: edgeOverrides
          .filter((row) => row.feature === feature.id)
          .map((row) => ({ of: row.identifier, ...heldOf(row) })),
      }));
    },
  };
  return store;
}
