import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../support/certificate.ts';
import { applyPatch } from './json-patch.ts';

export const TOKEN = 'kube-token-9d41f7c2';

interface Metadata {
  name: string;
  namespace: string;
  resourceVersion: string;
  [field: string]: unknown;
}
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: unknown;
}
interface Watcher {
  readonly collection: string;
  readonly name: string;
  readonly response: ServerResponse;
}

export interface RunningCluster {
  readonly url: string;
  /** Bearer token that it accepts; another one answers 401. */
  token: string;
  /** Permissions of the token: `verb resource`. */
  readonly allowed: Set<string>;
  readonly seen: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[];
  /** Runs when a patch has come in, before it is looked at. */
  beforePatch: () => void;
  /** The definition of FeatureFlag is not installed. */
  withoutFeatureFlags: boolean;
  get(path: string): KubeObject | undefined;
  /** Makes or replaces an object, as somebody else's `kubectl apply` does. */
  put(path: string, object: Record<string, unknown>): void;
  remove(path: string): void;
  readonly watchers: number;
  /** Ends the watches: like a load balancer, or with the 410 of a server that remembers no more. */
  endWatches(how: 'cut' | 'gone'): void;
  stop(): Promise<void>;
}

const KINDS: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  configmaps: { group: '', version: 'v1', kind: 'ConfigMap' },
  featureflags: { group: 'core.openfeature.dev', version: 'v1beta1', kind: 'FeatureFlag' },
};
const PATHS = [
  /^\/api\/(v1)\/namespaces\/([^/]+)\/(configmaps)(?:\/([^/]+))?$/,
  /^\/apis\/core\.openfeature\.dev\/(v1beta1)\/namespaces\/([^/]+)\/(featureflags)(?:\/([^/]+))?$/,
];

/** What the server refuses with, as a Status object says it. */
class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: object;

  constructor(code: number, reason: string, message: string, details: object = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** As Go writes maps: keys in order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, inOrder(part)]),
  );
}

/** The schema of the FeatureFlag resource: required fields, and unknown ones pruned. */
function admitFlags(spec: unknown): unknown {
  const flagSpec = (spec as { flagSpec?: { flags?: Record<string, Record<string, unknown>>; $evaluators?: unknown } })
    ?.flagSpec;
  if (flagSpec === undefined) return {};
  const flags: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flagSpec.flags ?? {})) {
    const { state, variants, defaultVariant, targeting } = flag;
    if (!['ENABLED', 'DISABLED'].includes(String(state)) || typeof defaultVariant !== 'string' || !variants) {
      throw new Refusal(422, 'Invalid', `FeatureFlag is invalid: spec.flagSpec.flags.${key}: Required value`);
    }
    flags[key] = { state, variants, defaultVariant, ...(targeting === undefined ? {} : { targeting }) };
  }
  return { flagSpec: { flags, ...(flagSpec.$evaluators ? { $evaluators: flagSpec.$evaluators } : {}) } };
}

/**
 * An API server with ConfigMaps and flagd's FeatureFlag, written from the Kubernetes API reference and API conventions:
 * token, RBAC, resourceVersion as precondition, JSON Patch and PUT, metadata alone, watches, Status errors, and
 * SelfSubjectAccessReview. Unknown paths are 404, other methods 405, other content types 415.
 */
export async function startCluster(tls?: Certificate): Promise<RunningCluster> {
  const objects = new Map<string, KubeObject>();
  const watchers = new Set<Watcher>();
  let revision = 1000;

  const pathOf = (path: string) => {
    for (const pattern of PATHS) {
      const [, , namespace = '', resource = '', name] = pattern.exec(path) ?? [];
      const kind = cluster.withoutFeatureFlags && resource === 'featureflags' ? undefined : KINDS[resource];
      if (kind)
        return { ...kind, namespace, resource, name, collection: name ? path.slice(0, -name.length - 1) : path };
    }
    // Not a Status: nothing is registered there that could give one.
    throw new Refusal(404, '', '404 page not found\n');
  };
  type Place = ReturnType<typeof pathOf>;

  const tell = (type: string, collection: string, object: KubeObject) => {
    for (const watcher of watchers) {
      if (watcher.collection !== collection || watcher.name !== object.metadata.name) continue;
      watcher.response.write(`${JSON.stringify({ type, object: inOrder(object) })}\n`);
    }
  };

  function store(path: string, place: Place, object: Record<string, unknown>, manager: string): KubeObject {
    const before = objects.get(path);
    revision += 1;
    const metadata = {
      creationTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
      uid: randomUUID(),
      ...(object.metadata as object),
      ...(before ? { uid: before.metadata.uid, creationTimestamp: before.metadata.creationTimestamp } : {}),
      name: place.name ?? '',
      namespace: place.namespace,
      resourceVersion: String(revision),
      managedFields: [{ manager, operation: 'Update', time: new Date().toISOString().replace(/\.\d+/, '') }],
    };
    const stored = {
      ...object,
      apiVersion: place.group === '' ? place.version : `${place.group}/${place.version}`,
      kind: place.kind,
      metadata,
      ...(place.kind === 'FeatureFlag' ? { spec: admitFlags(object.spec) } : {}),
    };
    if (place.kind === 'ConfigMap' && before?.immutable === true) {
      throw new Refusal(422, 'Invalid', `ConfigMap "${place.name}" is invalid: data: Forbidden: field is immutable`);
    }
    objects.set(path, stored);
    tell(before ? 'MODIFIED' : 'ADDED', place.collection, stored);
    return stored;
  }

  function permit(verb: string, { resource, group, namespace, name }: Place): void {
    if (cluster.allowed.has(`${verb} ${resource}`)) return;
    const what = `User "scram" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
    const message = `${resource}${group ? `.${group}` : ''} "${name ?? ''}" is forbidden: ${what}`;
    throw new Refusal(403, 'Forbidden', message, { name, kind: resource });
  }

  function update(request: IncomingMessage, url: URL, body: string, place: Place): KubeObject {
    const present = objects.get(url.pathname);
    const type = request.headers['content-type'] ?? '';
    const manager = url.searchParams.get('fieldManager') ?? 'unknown';
    permit(request.method === 'PUT' ? 'update' : 'patch', place);
    if (!present) throw missing(place);
    if (request.method === 'PATCH' && type !== 'application/json-patch+json') {
      throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - ${type}`);
    }
    let next: Record<string, unknown>;
    try {
      next = (request.method === 'PUT' ? JSON.parse(body) : applyPatch(present, JSON.parse(body))) as typeof next;
    } catch (error) {
      throw new Refusal(422, 'Invalid', `the server rejected our request: ${(error as Error).message}`);
    }
    const wanted = (next.metadata as Partial<Metadata> | undefined)?.resourceVersion;
    if (wanted !== undefined && wanted !== present.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on ${place.resource} "${place.name}": the object has been modified; please apply your changes to the latest version and try again`;
      throw new Refusal(409, 'Conflict', message, { name: place.name, kind: place.resource });
    }
    return store(url.pathname, place, next, manager);
  }

  function missing({ resource, name, group }: Place): Refusal {
    const message = `${resource}${group ? `.${group}` : ''} "${name}" not found`;
    return new Refusal(404, 'NotFound', message, { name, kind: resource });
  }

  function watch(url: URL, place: Place, response: ServerResponse): void {
    permit('watch', place);
    const [, name = ''] = /^metadata\.name=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '') ?? [];
    if (name === '') throw new Refusal(400, 'BadRequest', 'this server watches one object by its name');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher = { collection: place.collection, name, response };
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
    const present = objects.get(`${place.collection}/${name}`);
    if (present) response.write(`${JSON.stringify({ type: 'ADDED', object: inOrder(present) })}\n`);
  }

  function review(body: string): unknown {
    const asked = JSON.parse(body);
    const { verb, resource, group, namespace } = asked.spec?.resourceAttributes ?? {};
    if (
      asked.kind !== 'SelfSubjectAccessReview' ||
      !verb ||
      !resource ||
      !namespace ||
      KINDS[resource]?.group !== group
    ) {
      throw new Refusal(400, 'BadRequest', 'SelfSubjectAccessReview in version "v1" cannot be handled');
    }
    const allowed = cluster.allowed.has(`${verb} ${resource}`);
    return { ...asked, status: { allowed, ...(allowed ? {} : { reason: 'no RBAC policy matched' }) } };
  }

  function answer(
    request: IncomingMessage,
    url: URL,
    body: string,
    response: ServerResponse,
  ): [number, unknown] | null {
    if (request.headers.authorization !== `Bearer ${cluster.token}`) {
      throw new Refusal(401, 'Unauthorized', 'Unauthorized');
    }
    const { method = '' } = request;
    const only = (...methods: string[]) => {
      if (!methods.includes(method)) {
        throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
      }
    };
    if (url.pathname === '/version') {
      only('GET');
      return [200, { major: '1', minor: '34', gitVersion: 'v1.34.2' }];
    }
    if (url.pathname === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
      only('POST');
      return [201, review(body)];
    }
    const place = pathOf(url.pathname);
    if (place.name === undefined) {
      only('GET');
      if (url.searchParams.get('watch') !== 'true')
        throw new Refusal(405, 'MethodNotAllowed', 'this server lists nothing');
      watch(url, place, response);
      return null;
    }
    only('GET', 'PUT', 'PATCH');
    if (method !== 'GET') return [200, inOrder(update(request, url, body, place))];
    permit('get', place);
    const found = objects.get(url.pathname);
    if (!found) throw missing(place);
    if (!/as=PartialObjectMetadata/.test(request.headers.accept ?? '')) return [200, inOrder(found)];
    return [200, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: inOrder(found.metadata) }];
  }

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://cluster');
      cluster.seen.push({ method: request.method ?? '', path: url.pathname, headers: request.headers, body });
      if (request.method === 'PATCH') cluster.beforePatch();
      const send = (code: number, value: unknown) =>
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      try {
        const told = answer(request, url, body, response);
        if (told !== null) send(...told);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { code, reason, message, details } = error;
        if (reason === '')
          return void response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
        send(code, {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message,
          reason,
          details,
          code,
        });
      }
    });
  };
  const server = tls ? createHttpsServer(tls, handle) : createHttpServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const cluster: RunningCluster = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    allowed: new Set(Object.keys(KINDS).flatMap((kind) => ['get', 'watch', 'patch'].map((verb) => `${verb} ${kind}`))),
    seen: [],
    beforePatch() {},
    withoutFeatureFlags: false,
    get: (path) => objects.get(path),
    put: (path, object) => void store(path, pathOf(path), structuredClone(object), 'kubectl'),
    remove(path) {
      const found = objects.get(path);
      objects.delete(path);
      if (found) tell('DELETED', pathOf(path).collection, found);
    },
    get watchers() {
      return watchers.size;
    },
    endWatches(how) {
      const gone = {
        kind: 'Status',
        status: 'Failure',
        reason: 'Expired',
        code: 410,
        message: 'too old resource version',
      };
      for (const { response } of watchers) {
        if (how === 'cut') response.destroy();
        else response.write(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
      }
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cluster;
}
