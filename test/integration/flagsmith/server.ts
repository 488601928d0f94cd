import { randomUUID } from 'node:crypto';
import { type ApiCall, type ApiServer, type Reply, startApiServer } from '../../support/api-server.ts';
import {
  createStore,
  ENVIRONMENT,
  type Feature,
  type FlagsmithStore,
  type Scalar,
  type Share,
  type State,
  typed,
} from './store.ts';

export interface FlagsmithServer extends ApiServer, Omit<FlagsmithStore, 'states' | 'links'> {
  readonly key: string;
  /** One environment of the project, Production; Staging is empty. */
  readonly settings: { minimum_change_request_approvals: number | null; use_v2_feature_versioning: boolean };
  /** Versions that were made, newest last. */
  readonly versions: { uuid: string; feature: number; published: boolean }[];
  /** Permissions that the key does not have. */
  readonly denied: Set<string>;
  /** Largest page that is given. */
  pageSize: number;
  /** False for versions of Flagsmith that make a version without publishing it. */
  publishes: boolean;
}

/**
 * Flagsmith's Admin API as its sources and documents have it (Flagsmith/flagsmith: api/features/views.py,
 * features/versioning, environments/urls.py, edge_api/identities/views.py, audit/views.py; docs.flagsmith.com, feature
 * versioning and audit logs), strict: addresses need their slash, lists their filters, writes their fields.
 */
export async function startFlagsmithServer(options: { edge?: boolean } = {}): Promise<FlagsmithServer> {
  const store = createStore(options.edge ?? false);
  const detail = (status: number, words: string): Reply => ({ status, body: { detail: words } });
  const notFound = detail(404, 'Not found.');
  const forbidden = detail(403, 'You do not have permission to perform this action.');
  const ok = (body: unknown): Reply => ({ status: 200, body });

  function page<T>(call: ApiCall, items: readonly T[], show: (item: T) => unknown = (item) => item): Reply {
    const wanted = Number(call.query.get('page_size') ?? 10);
    const size = Math.min(server.pageSize, wanted);
    const number = Number(call.query.get('page') ?? 1);
    const count = items.length;
    if (!(number >= 1) || (number > 1 && (number - 1) * size >= count)) return detail(404, 'Invalid page.');
    const query = new URLSearchParams(call.query);
    query.set('page', String(number + 1));
    const more = number * size < count;
    // The host that Flagsmith believes to have need not be the one that was asked.
    return ok({
      count,
      next: more ? `http://flagsmith.internal${call.path}?${query}` : null,
      previous: null,
      results: items.slice((number - 1) * size, number * size).map(show),
    });
  }

  const asFeature = ({ options: choices, ...feature }: Feature) => ({
    ...feature,
    owners: [],
    tags: [],
    project: 7,
    multivariate_options: choices.map(({ id, value }) => ({ id, ...typed(value), default_percentage_allocation: 0 })),
    num_segment_overrides: store.links.filter((link) => link.feature === feature.id).length,
    num_identity_overrides: store.edge
      ? null
      : store.states.filter((row) => row.feature === feature.id && row.identity !== null).length,
  });
  const asState = (row: State) => ({
    id: row.id,
    uuid: `uuid-${row.id}`,
    feature: row.feature,
    environment: ENVIRONMENT.id,
    feature_segment: row.featureSegment,
    identity: row.identity,
    enabled: row.enabled,
    feature_state_value: typed(row.value),
    multivariate_feature_state_values: row.shares,
    updated_at: row.updatedAt,
    version: 1,
  });
  const asIdentityState = (row: State) => ({
    ...asState(row),
    feature_state_value: row.value,
    identity: store.identities.find(({ id }) => id === row.identity),
  });

  function setShares(row: { shares: Share[] }, given: unknown): Reply | null {
    if (given === undefined) return null;
    const list = given as { id?: number; multivariate_feature_option?: number; percentage_allocation?: number }[];
    if (list.reduce((sum, one) => sum + (one.percentage_allocation ?? 0), 0) > 100) {
      return { status: 400, body: { non_field_errors: ['Multivariate percentage values exceed 100%.'] } };
    }
    // Nested rows without a number are added, rows that are left out are removed (drf-writable-nested).
    if (list.some(({ id }) => id !== undefined && !row.shares.some((share) => share.id === id))) {
      return { status: 400, body: { id: ['Invalid pk - object does not exist.'] } };
    }
    row.shares = list.map(({ id, multivariate_feature_option: option, percentage_allocation: share }) => ({
      id: id ?? store.next(),
      multivariate_feature_option: option ?? 0,
      percentage_allocation: share ?? 0,
    }));
    return null;
  }

  function update(
    row: State,
    body: Record<string, unknown>,
    { partial, typedValue }: { partial: boolean; typedValue: boolean },
  ): Reply {
    const name = store.featureById(row.feature)?.name ?? '';
    const before = structuredClone(row);
    if (typeof body.enabled === 'boolean') row.enabled = body.enabled;
    else if (!partial) return { status: 400, body: { enabled: ['This field is required.'] } };
    if ('feature_state_value' in body) {
      const value = body.feature_state_value;
      if (typedValue) {
        const told = value as ReturnType<typeof typed> | null;
        if (told === null || typeof told !== 'object' || !['unicode', 'int', 'bool'].includes(told.type)) {
          return { status: 400, body: { feature_state_value: ['Invalid data. Expected a dictionary.'] } };
        }
        row.value =
          told.type === 'int' ? told.integer_value : told.type === 'bool' ? told.boolean_value : told.string_value;
      } else {
        if (typeof value === 'object' && value !== null) return { status: 400, body: ['Invalid value'] };
        row.value = value as Scalar;
      }
    }
    const wrong = setShares(row, body.multivariate_feature_state_values);
    if (wrong) {
      Object.assign(row, before);
      return wrong;
    }
    row.updatedAt = new Date().toISOString();
    if (row.identity !== null) {
      const identifier = store.identities.find(({ id }) => id === row.identity)?.identifier;
      store.log(
        `Flag state / Remote config value updated for feature '${name}' and identity '${identifier}'`,
        'FEATURE_STATE',
        true,
        false,
      );
    } else store.log(`Flag state updated for feature: ${name}`, 'FEATURE_STATE', true, false);
    return ok(asState(row));
  }

  const DIRECT = 'This environment uses v2 feature versioning. Use the environment feature version endpoint instead.';

  function answer(call: ApiCall): Reply {
    if (call.headers.authorization !== `Api-Key ${server.key}`) {
      return detail(401, 'Authentication credentials were not provided.');
    }
    const { method, query } = call;
    const match = /^\/api\/v1(\/.*)$/.exec(call.path);
    const path = match?.[1] ?? '';
    const wrongMethod = detail(405, `Method "${method}" not allowed.`);
    const reading = method === 'GET';
    const body = (typeof call.json === 'object' && call.json !== null ? call.json : {}) as Record<string, unknown>;
    if (!reading && call.json === undefined)
      return detail(400, 'JSON parse error - Expecting value: line 1 column 1 (char 0)');
    const environmentQuery = Number(query.get('environment'));
    const wanted = query.get('feature');
    const ofFeature = (id: number): boolean => wanted === null || Number(wanted) === id;
    let found: RegExpExecArray | null;

    if (path === '/environments/') {
      if (!reading) return wrongMethod;
      if (query.get('project') !== '7') return detail(400, 'Invalid or missing value for project parameter.');
      const shared = { project: 7, description: '', is_creating: false };
      return page(call, [
        { ...ENVIRONMENT, ...shared, ...server.settings },
        {
          ...ENVIRONMENT,
          ...shared,
          id: 72,
          name: 'Staging',
          api_key: 'staging-key',
          minimum_change_request_approvals: null,
          use_v2_feature_versioning: false,
        },
      ]);
    }
    found = /^\/projects\/(\d+)\/(.*)$/.exec(path);
    if (found) {
      if (found[1] !== '7') return notFound;
      if (!reading) return wrongMethod;
      return projectAnswer(call, found[2] ?? '');
    }
    if (path === '/features/featurestates/') {
      if (!reading) return wrongMethod;
      if (!query.has('environment')) return { status: 400, body: ["'environment' GET parameter is required."] };
      if (environmentQuery !== ENVIRONMENT.id) return page(call, []);
      return page(
        call,
        store.states.filter((row) => ofFeature(row.feature)),
        asState,
      );
    }
    if (path === '/features/feature-segments/') {
      if (!reading) return wrongMethod;
      if (!query.has('environment') || wanted === null) {
        return { status: 400, body: { feature: ['This field is required.'] } };
      }
      const rows = store.links
        .filter((link) => ofFeature(link.feature) && environmentQuery === ENVIRONMENT.id)
        .sort((a, b) => a.priority - b.priority);
      return page(
        call,
        rows.map(({ id, segment, priority }) => ({
          id,
          uuid: `fs-${id}`,
          segment,
          priority,
          environment: ENVIRONMENT.id,
          segment_name: store.segments.find((one) => one.id === segment)?.name,
          is_feature_specific: false,
        })),
      );
    }
    found = /^\/features\/featurestates\/(\d+)\/$/.exec(path);
    if (found) {
      if (method !== 'PUT' && method !== 'PATCH') return wrongMethod;
      const number = Number(found[1]);
      const row = store.states.find(({ id }) => id === number);
      if (!row) return notFound;
      const permission = row.featureSegment === null ? 'UPDATE_FEATURE_STATE' : 'MANAGE_SEGMENT_OVERRIDES';
      if (server.denied.has(permission)) return forbidden;
      if (server.settings.use_v2_feature_versioning && row.identity === null) return detail(400, DIRECT);
      if (method === 'PUT') {
        for (const field of ['feature', 'environment']) {
          if (body[field] === undefined) return { status: 400, body: { [field]: ['This field is required.'] } };
        }
        if (body.feature !== row.feature || body.feature_segment !== row.featureSegment) {
          return { status: 400, body: { feature_segment: ['Feature Segment does not belong to environment.'] } };
        }
      }
      return update(row, body, { partial: method === 'PATCH', typedValue: true });
    }
    found = /^\/environments\/(\d+)\/features\/(\d+)\/versions\/$/.exec(path);
    if (found) {
      if (method !== 'POST') return wrongMethod;
      if (Number(found[1]) !== ENVIRONMENT.id) return notFound;
      return version(Number(found[2]), body);
    }
    found = /^\/environments\/environments\/([^/]+)\/edge-identities-featurestates$/.exec(path);
    if (found) {
      if (method !== 'PUT') return wrongMethod;
      if (!store.edge) return detail(400, 'DynamoDB is not enabled for this project');
      if (found[1] !== ENVIRONMENT.api_key) return notFound;
      if (server.denied.has('UPDATE_FEATURE_STATE')) return forbidden;
      const row = store.edgeOverrides.find((one) => one.identifier === body.identifier && one.feature === body.feature);
      if (!row) return notFound;
      Object.assign(row, {
        enabled: body.enabled ?? false,
        value: body.feature_state_value ?? null,
        shares: body.multivariate_feature_state_values ?? row.shares,
      });
      store.log(
        `Feature override updated for feature '${store.featureById(row.feature)?.name}' and identity '${row.identifier}'`,
        'EDGE_IDENTITY',
        true,
      );
      return ok({ ...body });
    }
    found = /^\/environments\/([a-z-]+)\/(.+)$/.exec(path);
    if (found) {
      return environmentAnswer(call, found[1] ?? '', found[2] ?? '', body);
    }
    return notFound;
  }

  function projectAnswer(call: ApiCall, rest: string): Reply {
    let found: RegExpExecArray | null;
    if (rest === '') return ok({ id: 7, uuid: 'p', name: 'Shop', organisation: 1, use_edge_identities: store.edge });
    if (rest === 'features/') {
      const search = call.query.get('search')?.toLowerCase() ?? '';
      return page(
        call,
        [...store.features.values()].filter(({ name }) => name.toLowerCase().includes(search)),
        asFeature,
      );
    }
    found = /^features\/(\d+)\/$/.exec(rest);
    if (found) {
      const feature = store.featureById(Number(found[1]));
      return feature ? ok(asFeature(feature)) : notFound;
    }
    if (rest === 'segments/')
      return page(
        call,
        store.segments.map(({ holds: _, ...segment }) => segment),
      );
    found = /^segments\/(\d+)\/$/.exec(rest);
    if (found) {
      const number = Number(found[1]);
      const segment = store.segments.find(({ id }) => id === number);
      return segment ? ok({ id: segment.id, name: segment.name, rules: segment.rules }) : notFound;
    }
    if (rest === 'audit/') return server.denied.has('VIEW_AUDIT_LOG') ? forbidden : page(call, store.audit);
    return notFound;
  }

  function environmentAnswer(call: ApiCall, key: string, rest: string, body: Record<string, unknown>): Reply {
    const { method, query } = call;
    const wrongMethod = detail(405, `Method "${method}" not allowed.`);
    if (key !== ENVIRONMENT.api_key) return detail(404, 'Environment not found.');
    const wanted = query.get('feature');
    let found: RegExpExecArray | null;
    if (rest === 'featurestates/') {
      if (method !== 'GET') return wrongMethod;
      const any = query.has('anyIdentity');
      const rows = store.states.filter(
        (row) =>
          row.featureSegment === null &&
          (any ? row.identity !== null : row.identity === null) &&
          (wanted === null || row.feature === Number(wanted)),
      );
      return page(call, rows, asIdentityState);
    }
    found = /^featurestates\/(\d+)\/$/.exec(rest);
    if (found) {
      if (method !== 'PUT' && method !== 'PATCH') return wrongMethod;
      const id = Number(found[1]);
      const row = store.states.find((one) => one.id === id && one.featureSegment === null && one.identity === null);
      if (!row) return notFound;
      if (server.denied.has('UPDATE_FEATURE_STATE')) return forbidden;
      if (server.settings.use_v2_feature_versioning) return detail(400, DIRECT);
      // PATCH is read by a serializer that knows `enabled` alone; the value is taken beside it.
      const { multivariate_feature_state_values: _, ...plain } = body;
      return update(row, method === 'PUT' ? body : plain, { partial: true, typedValue: false });
    }
    found = /^identities\/(\d+)\/featurestates\/(\d+)\/$/.exec(rest);
    if (found) {
      if (method !== 'PUT') return wrongMethod;
      const [identity, id] = [Number(found[1]), Number(found[2])];
      const row = store.states.find((one) => one.id === id && one.identity === identity);
      if (!row) return notFound;
      if (server.denied.has('UPDATE_FEATURE_STATE')) return forbidden;
      return update(row, body, { partial: true, typedValue: false });
    }
    if (rest === 'edge-identity-overrides') {
      if (method !== 'GET') return wrongMethod;
      if (!store.edge) return detail(400, 'DynamoDB is not enabled for this project');
      const rows = store.edgeOverrides.filter((row) => wanted === null || row.feature === Number(wanted));
      return ok({
        results: rows.map((row) => ({
          identifier: row.identifier,
          identity_uuid: `uuid-${row.identifier}`,
          feature_state: {
            feature: row.feature,
            enabled: row.enabled,
            feature_state_value: row.value,
            multivariate_feature_state_values: row.shares,
            featurestate_uuid: 'uuid',
          },
        })),
      });
    }
    return notFound;
  }

  /** A version begins as a copy of the live one, with new numbers for every row. */
  function version(featureId: number, body: Record<string, unknown>): Reply {
    const feature = store.featureById(featureId);
    if (!feature) return notFound;
    if (server.denied.has('UPDATE_FEATURE_STATE')) return forbidden;
    if (!server.settings.use_v2_feature_versioning) {
      return detail(400, 'Environment is not configured to use v2 feature versioning.');
    }
    const numbers = new Map(
      store.links.filter((link) => link.feature === featureId).map((link) => [link.id, store.next()]),
    );
    const copies = store.states
      .filter((row) => row.feature === featureId && row.identity === null)
      .map((row) => ({
        ...structuredClone(row),
        id: store.next(),
        featureSegment: row.featureSegment === null ? null : (numbers.get(row.featureSegment) ?? null),
        shares: row.shares.map((share) => ({ ...share, id: store.next() })),
      }));
    const segmentOf = (row: State) =>
      store.links.find((link) => numbers.get(link.id) === row.featureSegment)?.segment ?? null;
    for (const wanted of (body.feature_states_to_update ?? []) as Record<string, unknown>[]) {
      const segment = (wanted.feature_segment as { segment?: number } | null)?.segment ?? null;
      const row = copies.find((one) => (segment === null ? one.featureSegment === null : segmentOf(one) === segment));
      if (!row) {
        return {
          status: 400,
          body: { message: 'An unresolvable conflict occurred: segment override does not exist.' },
        };
      }
      const value = wanted.feature_state_value as ReturnType<typeof typed>;
      if (!['unicode', 'int', 'bool'].includes(value?.type)) {
        return { status: 400, body: { feature_states_to_update: ['feature_state_value is required.'] } };
      }
      row.enabled = wanted.enabled as boolean;
      row.value =
        value.type === 'int' ? value.integer_value : value.type === 'bool' ? value.boolean_value : value.string_value;
      for (const share of (wanted.multivariate_feature_state_values ?? []) as Share[]) {
        const present = row.shares.find((one) => one.multivariate_feature_option === share.multivariate_feature_option);
        if (present) present.percentage_allocation = share.percentage_allocation;
        else row.shares.push({ ...share, id: store.next() });
      }
      row.updatedAt = new Date().toISOString();
    }
    const published = body.publish_immediately === true && server.publishes;
    const made = { uuid: randomUUID(), feature: featureId, published };
    server.versions.push(made);
    if (published) {
      store.states = [...store.states.filter((row) => row.feature !== featureId || row.identity !== null), ...copies];
      store.links = store.links.map((link) => ({ ...link, id: numbers.get(link.id) ?? link.id }));
      store.log(`New version published for feature: ${feature.name}`, 'EF_VERSION', true, false);
    }
    return {
      status: 201,
      body: { uuid: made.uuid, published, is_live: published, live_from: null, description: null, created_by: null },
    };
  }

  const api = await startApiServer(answer);
  const server: FlagsmithServer = Object.assign(api, store, {
    key: 'flagsmith-key-4711',
    settings: { minimum_change_request_approvals: null as number | null, use_v2_feature_versioning: false },
    versions: [] as FlagsmithServer['versions'],
    denied: new Set<string>(),
    pageSize: 100,
    publishes: true,
  });
  return server;
}
