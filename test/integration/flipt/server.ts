import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type ApiCall, type ApiServer, type Reply, startApiServer } from '../../support/api-server.ts';

export interface FliptPayload {
  '@type': string;
  key: string;
  type: 'BOOLEAN_FLAG_TYPE' | 'VARIANT_FLAG_TYPE';
  name: string;
  description: string;
  enabled: boolean;
  variants: { key: string; name: string; description: string; attachment?: unknown }[];
  rules: { segmentOperator: string; segments: string[]; distributions: { variant: string; rollout: number }[] }[];
  rollouts: {
    type: string;
    description: string;
    segment?: { value: boolean; segments: string[]; segmentOperator: string };
    threshold?: { percentage: number; value: boolean };
  }[];
  defaultVariant?: string;
  metadata?: Record<string, unknown>;
}

export interface FliptServer extends ApiServer {
  readonly token: string;
  /** Flags of environment `prod`, namespace `shop`, as its repository has them. */
  readonly flags: Map<string, FliptPayload>;
  /** Users of each segment, by its key. */
  readonly segments: Map<string, ReadonlySet<string>>;
  /** True: the environment's files are read from elsewhere and cannot be written. */
  readOnly: boolean;
  head(): string;
  /** Somebody commits something. */
  commit(change?: () => void): void;
  evaluate(key: string, user: string): string | null;
}

const TYPE = 'flipt.core.Flag';
const PAYLOAD_FIELDS = new Set(
  '@type key type name description enabled variants rules rollouts defaultVariant metadata'.split(' '),
);

/** A flag with every field that Flipt emits. */
export function payload(key: string, fields: Partial<FliptPayload> = {}): FliptPayload {
  return {
    '@type': TYPE,
    key,
    type: 'BOOLEAN_FLAG_TYPE',
    name: key,
    description: '',
    enabled: false,
    variants: [],
    rules: [],
    rollouts: [],
    ...fields,
  };
}

export const threshold = (percentage: number, value: boolean) => ({
  type: 'THRESHOLD_ROLLOUT_TYPE',
  description: '',
  threshold: { percentage, value },
});
export const segment = (segments: string[], value: boolean, segmentOperator = 'OR_SEGMENT_OPERATOR') => ({
  type: 'SEGMENT_ROLLOUT_TYPE',
  description: '',
  segment: { value, segments, segmentOperator },
});

/**
 * Flipt v2's Management API and evaluation as its sources document them (flipt-io/flipt: rpc/v2/environments,
 * internal/server/environments/server.go, internal/storage/git/repository.go, internal/server/evaluation/evaluation.go),
 * strict: what the gateway would refuse is refused with its words and gRPC's codes.
 */
export async function startFliptServer(): Promise<FliptServer> {
  const token = 'flipt-token-0815';
  const flags = new Map<string, FliptPayload>();
  const segments = new Map<string, ReadonlySet<string>>();
  let head = randomBytes(20).toString('hex');

  const refuse = (status: number, code: number, message: string): Reply => ({
    status,
    body: { code, message, details: [] },
  });
  const invalid = (message: string) => refuse(400, 3, message);
  const resource = (flag: FliptPayload) => ({ namespaceKey: 'shop', key: flag.key, payload: flag });

  function answer({ method, path, headers, json, text }: ApiCall): Reply {
    if (headers.authorization !== `Bearer ${token}`) return refuse(401, 16, 'request was not authenticated');
    const parts = path.split('/').slice(1).map(decodeURIComponent);
    if (parts[0] !== 'api' || parts[1] !== 'v2' || parts[2] !== 'environments') return refuse(404, 5, 'Not Found');
    const [, , , environment, namespaces, namespace, resources, type, key, ...more] = parts;
    const get = method === 'GET';
    const unsupported = refuse(405, 12, 'Method Not Allowed');
    if (environment === undefined) {
      if (!get) return unsupported;
      const list = ['prod', 'staging'].map((name) => ({
        key: name,
        name,
        default: name === 'prod',
        configuration: { ref: 'main' },
      }));
      return { status: 200, body: { environments: list } };
    }
    if (namespaces !== 'namespaces' || more.length > 0) return refuse(404, 5, 'Not Found');
    if (environment !== 'prod' && environment !== 'staging') {
      return refuse(404, 5, `environment: ${JSON.stringify(environment)}`);
    }
    if (namespace === undefined) {
      return get ? { status: 200, body: { items: [{ key: 'shop', name: 'shop' }], revision: head } } : unsupported;
    }
    if (namespace !== 'shop' || environment !== 'prod') return refuse(404, 5, `namespace ${JSON.stringify(namespace)}`);
    if (resources === undefined) {
      if (!get) return unsupported;
      return { status: 200, body: { namespace: { key: 'shop', name: 'shop', protected: false }, revision: head } };
    }
    if (resources !== 'resources') return refuse(404, 5, 'Not Found');
    if (type === undefined) {
      return method === 'PUT' ? put(json, text) : method === 'POST' ? invalid('not in this fixture') : unsupported;
    }
    if (!get) return unsupported;
    if (type !== TYPE) return invalid(`unsupported resource type ${JSON.stringify(type)}`);
    if (key === undefined) {
      return { status: 200, body: { resources: [...flags.values()].map(resource), revision: head } };
    }
    const flag = flags.get(key);
    if (!flag) return refuse(404, 5, `getting flag shop/${key}: flag shop/${key} not found`);
    return { status: 200, body: { resource: resource(flag), revision: head } };
  }

  function put(json: unknown, text: string): Reply {
    if (typeof json !== 'object' || json === null) return invalid(`proto: syntax error: ${text.slice(0, 20)}`);
    const body = json as { key?: string; payload?: FliptPayload; revision?: string };
    const strange = Object.keys(body).find((name) => !['key', 'payload', 'revision'].includes(name));
    if (strange) return invalid(`proto: unknown field ${JSON.stringify(strange)}`);
    const flag = body.payload;
    if (typeof flag !== 'object' || flag === null || flag['@type'] !== TYPE) {
      return invalid('proto: google.protobuf.Any: missing "@type" field');
    }
    const unknown = Object.keys(flag).find((name) => !PAYLOAD_FIELDS.has(name));
    if (unknown) return invalid(`proto: unknown field ${JSON.stringify(unknown)}`);
    const about = `resource type ${JSON.stringify(TYPE)}: `;
    if (server.readOnly) return refuse(501, 12, `${about}not implemented: the environment is read-only`);
    if (body.revision !== undefined && body.revision !== '' && body.revision !== head) {
      return refuse(
        409,
        10,
        `${about}expected head revision ${JSON.stringify(body.revision)} has changed (now ${JSON.stringify(head)})`,
      );
    }
    const key = body.key ?? '';
    if (!flags.has(key)) {
      return refuse(
        404,
        5,
        `${about}update resource "${TYPE}/shop/${key}": getting flag shop/${key}: flag shop/${key} not found`,
      );
    }
    if (flag.type === 'BOOLEAN_FLAG_TYPE' && flag.rules.length > 0) return invalid('boolean flags have no rules');
    if (flag.defaultVariant !== undefined && !flag.variants.some((variant) => variant.key === flag.defaultVariant)) {
      return invalid(`flag default/${key} variant ${JSON.stringify(flag.defaultVariant)} not found`);
    }
    for (const rollout of flag.rollouts) {
      const share = rollout.threshold?.percentage ?? 0;
      if (share < 0 || share > 100) return invalid('invalid value: percentage');
      if ((rollout.segment === undefined) === (rollout.threshold === undefined))
        return invalid('unexpected rollout type');
    }
    server.commit(() => flags.set(key, structuredClone({ ...flag, key })));
    return { status: 200, body: { resource: resource(flags.get(key) as FliptPayload), revision: head } };
  }

  function matches(keys: readonly string[], operator: string, user: string): boolean {
    const hits = keys.filter((key) => segments.get(key)?.has(user));
    return operator === 'AND_SEGMENT_OPERATOR' ? hits.length === keys.length : hits.length > 0;
  }

  /** The variant that Flipt's evaluation tells; null: no match, so that the code's own default is used. */
  function evaluate(key: string, user: string): string | null {
    const flag = flags.get(key);
    if (!flag) return null;
    if (flag.type === 'BOOLEAN_FLAG_TYPE') {
      for (const { threshold: share, segment: group } of flag.rollouts) {
        if (share && crc32(user + key) % 100 < share.percentage) return String(share.value);
        if (group && matches(group.segments, group.segmentOperator, user)) return String(group.value);
      }
      return String(flag.enabled);
    }
    if (!flag.enabled) return null;
    const fallback = flag.defaultVariant ?? null;
    for (const rule of flag.rules) {
      if (!matches(rule.segments, rule.segmentOperator, user)) continue;
      const bucket = crc32(key + user) % 1000;
      let upTo = 0;
      for (const { variant, rollout } of rule.distributions) {
        upTo += rollout * 10;
        if (bucket < upTo) return variant;
      }
      return fallback;
    }
    return fallback;
  }

  const api = await startApiServer(answer);
  const server: FliptServer = Object.assign(api, {
    token,
    flags,
    segments,
    readOnly: false,
    head: () => head,
    commit(change?: () => void) {
      change?.();
      head = randomBytes(20).toString('hex');
    },
    evaluate,
  });
  return server;
}
