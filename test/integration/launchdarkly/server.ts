import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Approvals } from './approvals.ts';
import { ENVIRONMENTS, type FixtureEnvironment, type FixtureFlag } from './flags.ts';
import { actionsBetween, check, jsonPatch, Refusal, semanticPatch } from './patch.ts';

/** Access tokens of the account, by role. */
export const TOKENS = { writer: 'api-writer-4f2c', reader: 'api-reader-91d0' };
const PROJECT = 'default';

export interface AuditItem {
  _id: string;
  date: number;
  kind: 'flag';
  name: string;
  accesses: { action: string; resource: string }[];
  comment: string;
  shortDescription: string;
  titleVerb: string;
  member?: { _id: string; email: string; firstName: string; lastName: string };
  token?: { _id: string; name: string };
}

export interface LdServer {
  readonly url: string;
  readonly flags: Map<string, FixtureFlag>;
  readonly audit: AuditItem[];
  readonly seen: { method: string; path: string; query: URLSearchParams; body: unknown }[];
  /** Environments whose changes need approval. */
  readonly approvals: Map<string, { required: boolean; requiredApprovalTags: string[] }>;
  /** Approval requests, as LaunchDarkly holds them. */
  readonly requests: Approvals;
  /** Flags with a scheduled change that a change of theirs would break. */
  readonly scheduled: Set<string>;
  /** Status of a failed `test` operation: the documentation does not say. */
  testFails: number;
  /** JSON patches are not understood. */
  refusesJsonPatch: boolean;
  /** Requests of one route within a window of so many milliseconds. */
  routeLimit: { most: number; windowMs: number } | null;
  /** Most flags of a page, whatever is asked for. */
  pageCap: number;
  /** The token is not shown the audit log. */
  auditDenied: boolean;
  /** Runs before a request is answered. */
  onRequest: ((query: URLSearchParams) => void) | null;
  /** Runs before each PATCH is looked at. */
  beforePatch: (() => void) | null;
  /** Somebody changes a flag in LaunchDarkly's own page. */
  edit(key: string, environment: string, change: (config: FixtureEnvironment) => void): void;
  remove(key: string): void;
  add(flag: FixtureFlag): void;
  stop(): Promise<void>;
}

const SANDY = { _id: '569f183514f4432160000007', email: 'sandy@acme.example', firstName: 'Sandy', lastName: 'Smith' };

/** LaunchDarkly's REST API v2, version 20240415, as launchdarkly.com/docs/api has it, as far as flags go. */
export async function startLaunchDarkly(flags: readonly FixtureFlag[]): Promise<LdServer> {
  const all = new Map(flags.map((flag) => [flag.key, flag]));
  let windowEndsMs = 0;
  let left = 0;

  function record(
    flag: FixtureFlag,
    accesses: [string, string][],
    verb: string,
    by: Partial<AuditItem>,
    comment = '',
  ): void {
    state.audit.unshift({
      _id: randomUUID(),
      date: Date.now(),
      kind: 'flag',
      name: flag.name,
      accesses: accesses.map(([action, environment]) => ({
        action,
        resource: `proj/${PROJECT}:env/${environment}:flag/${flag.key}`,
      })),
      comment,
      shortDescription: '',
      titleVerb: verb,
      ...by,
    });
  }

  function save(
    before: FixtureFlag,
    after: FixtureFlag,
    by: Partial<AuditItem>,
    comment: string,
    approved = false,
  ): FixtureFlag {
    check(after);
    const accesses: [string, string][] = [];
    for (const [name, config] of Object.entries(after.environments)) {
      const old = before.environments[name];
      const actions = old ? actionsBetween(old, config) : [];
      if (!old || actions.length === 0) continue;
      const approval = state.approvals.get(name);
      const tagged = approval?.requiredApprovalTags ?? [];
      if (!approved && approval?.required && (tagged.length === 0 || tagged.some((tag) => after.tags.includes(tag)))) {
        throw new Refusal(
          405,
          'method_not_allowed',
          `Flag configuration updates require approval: action '${actions[0]}' not allowed`,
        );
      }
      config.version = old.version + 1;
      config.lastModified = Date.now();
      accesses.push(...actions.map((action): [string, string] => [action, name]));
    }
    // What is so already changes nothing.
    if (accesses.length === 0) return before;
    after._version = before._version + 1;
    all.set(after.key, after);
    record(after, accesses, 'updated the flag', by, comment);
    return after;
  }

  function patch(key: string, query: URLSearchParams, contentType: string, body: unknown): unknown {
    allow(query, ['ignoreConflicts']);
    state.beforePatch?.();
    const flag = flagOf(key);
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const comment = typeof fields.comment === 'string' ? fields.comment : '';
    const semantic = /;\s*domain-model=launchdarkly\.semanticpatch/.test(contentType);
    if (!semantic && (state.refusesJsonPatch || !(Array.isArray(body) || 'patch' in fields))) {
      throw new Refusal(400, 'invalid_request', 'the body is not a JSON patch');
    }
    const next = semantic
      ? semanticPatch(flag, fields)
      : jsonPatch(flag, Array.isArray(body) ? body : fields.patch, state.testFails);
    if (state.scheduled.has(key) && query.get('ignoreConflicts') !== 'true') {
      throw new Refusal(400, 'invalid_request', 'this change would cause a pending scheduled change to fail');
    }
    const by = { token: { _id: 't1', name: 'scram console' } };
    return shown(save(flag, next, by, comment), [], true);
  }

  function flagOf(key: string): FixtureFlag {
    const flag = all.get(key);
    if (!flag) throw new Refusal(404, 'not_found', `Unknown feature flag key ${key}`);
    return flag;
  }

  /** `environments` none: a single flag shows them all, a list none. */
  function shown(flag: FixtureFlag, environments: string[], whole: boolean): unknown {
    const { environments: configs, ...rest } = flag;
    const names = environments.length === 0 && whole ? ENVIRONMENTS : environments;
    const one = (name: string): unknown => {
      const { targets, contextTargets, rules, prerequisites, ...summary } = configs[name] as FixtureEnvironment;
      return whole ? configs[name] : { ...summary, _summary: { variations: {}, prerequisites: prerequisites.length } };
    };
    return {
      ...rest,
      _links: { self: { href: `/api/v2/flags/${PROJECT}/${flag.key}`, type: 'application/json' } },
      ...(names.length === 0 ? {} : { environments: Object.fromEntries(names.map((name) => [name, one(name)])) }),
    };
  }

  function list(query: URLSearchParams): unknown {
    allow(query, ['env', 'limit', 'offset', 'summary', 'sort', 'filter', 'tag', 'expand']);
    const environments = query.getAll('env');
    if (environments.length > 3) throw new Refusal(400, 'invalid_request', 'at most three environments');
    const unknown = environments.find((name) => !ENVIRONMENTS.includes(name));
    if (unknown) throw new Refusal(404, 'not_found', `Unknown environment key ${unknown}`);
    const limit = Math.min(state.pageCap, numberOf(query, 'limit', 20, 1, 100));
    const offset = numberOf(query, 'offset', 0, 0, 1e9);
    const live = [...all.values()].filter((flag) => !flag.archived);
    if (query.get('sort') === 'key') live.sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = live.slice(offset, offset + limit);
    const more = new URLSearchParams(query);
    more.set('offset', String(offset + limit));
    return {
      items: page.map((flag) => shown(flag, environments, environments.length > 0 && query.get('summary') === '0')),
      totalCount: live.length,
      _links: {
        self: { href: `/api/v2/flags/${PROJECT}?${query}`, type: 'application/json' },
        ...(offset + limit < live.length
          ? { next: { href: `/api/v2/flags/${PROJECT}?${more}`, type: 'application/json' } }
          : {}),
      },
    };
  }

  function auditLog(query: URLSearchParams): unknown {
    allow(query, ['after', 'before', 'q', 'limit', 'spec']);
    if (state.auditDenied) throw new Refusal(403, 'forbidden', 'Access to the requested resource was denied');
    const limit = numberOf(query, 'limit', 10, 1, 20);
    if (query.get('spec') !== `proj/${PROJECT}:env/*:flag/*`) throw new Refusal(400, 'invalid_request', 'invalid spec');
    const after = numberOf(query, 'after', 0, 0, 1e15);
    const before = numberOf(query, 'before', 1e15, 0, 1e15);
    const items = state.audit.filter(({ date }) => date > after && date < before).slice(0, limit);
    return { items, _links: { self: { href: `/api/v2/auditlog?${query}`, type: 'application/json' } } };
  }

  function answer(method: string, path: string, query: URLSearchParams, caller: Caller): unknown {
    const [api, version, kind = '', first = '', ...rest] = path.split('/').slice(1).map(decodeURIComponent);
    if (api !== 'api' || version !== 'v2') throw unknownPath();
    const reading = (read: () => unknown): unknown => {
      if (method !== 'GET') throw new Refusal(405, 'method_not_allowed', `${method} is not allowed here`);
      return read();
    };
    if (kind === 'auditlog' && first === '') return reading(() => auditLog(query));
    if (kind === 'caller-identity' && first === '') return reading(() => identityOf(caller.role));
    if (kind === 'tokens' && rest.length === 0) {
      return reading(() => ({ _id: first, role: caller.role, serviceToken: true, customRoleIds: [] }));
    }
    if (kind === 'approval-requests') {
      if (rest.length === 0) return reading(() => state.requests.get(first));
      if (rest.join() !== 'apply' || method !== 'POST') throw unknownPath();
      return writing(caller, () => state.requests.apply(first, caller.body));
    }
    if (first !== PROJECT) throw unknownPath();
    if (kind === 'projects' && rest[0] === 'flags' && rest[2] === 'environments' && rest[4] === 'approval-requests') {
      const [, key = '', , environment = ''] = rest;
      if (rest.length !== 5 || !ENVIRONMENTS.includes(environment)) throw unknownPath();
      if (method !== 'POST') return reading(() => state.requests.list(key, environment));
      return writing(caller, () => new Created(state.requests.create(key, environment, caller.body)));
    }
    if (kind === 'projects' && rest[0] === 'environments' && rest.length === 2) {
      return reading(() => projectEnvironment(rest[1] ?? ''));
    }
    if (kind !== 'flags' || rest.length > 1) throw unknownPath();
    const [key] = rest;
    if (key === undefined) return reading(() => list(query));
    if (method === 'PATCH') {
      if (caller.role === 'writer') return patch(key, query, caller.contentType, caller.body);
      throw new Refusal(403, 'forbidden', "Access to the requested resource was denied: action 'updateOn' not allowed");
    }
    return reading(() => {
      allow(query, ['env', 'expand']);
      return shown(flagOf(key), query.getAll('env'), true);
    });
  }

  function projectEnvironment(name: string): unknown {
    if (!ENVIRONMENTS.includes(name)) throw new Refusal(404, 'not_found', 'Unknown environment key');
    const approval = state.approvals.get(name) ?? { required: false, requiredApprovalTags: [] };
    const approvalSettings = {
      ...approval,
      minNumApprovals: 1,
      canReviewOwnRequest: false,
      serviceKind: 'launchdarkly',
    };
    return {
      key: name,
      name: name.toUpperCase(),
      apiKey: 'sdk-secret-key',
      mobileKey: 'mob-secret-key',
      approvalSettings,
    };
  }

  function rate(headers: Record<string, string>): void {
    if (state.routeLimit === null) return;
    if (Date.now() >= windowEndsMs) {
      windowEndsMs = Date.now() + state.routeLimit.windowMs;
      left = state.routeLimit.most;
    }
    left -= 1;
    headers['X-Ratelimit-Route-Remaining'] = String(Math.max(0, left));
    headers['X-Ratelimit-Reset'] = String(windowEndsMs);
    if (left < 0) throw new Refusal(429, 'rate_limited', 'You’ve exceeded the API rate limit. Try again later.');
  }

  function handle(request: http.IncomingMessage, text: string, response: http.ServerResponse): void {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const out: Record<string, string> = { 'Content-Type': 'application/json' };
    try {
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      state.seen.push({ method, path: url.pathname, query: url.searchParams, body });
      state.onRequest?.(url.searchParams);
      const role = Object.entries(TOKENS).find(([, token]) => headers.authorization === token)?.[0];
      if (role === undefined) throw new Refusal(401, 'unauthorized', 'Invalid access token');
      if (headers['ld-api-version'] !== '20240415') throw new Refusal(400, 'invalid_request', 'unknown LD-API-Version');
      rate(out);
      const caller = { role, contentType: headers['content-type'] ?? '', body };
      const value = answer(method, url.pathname, url.searchParams, caller);
      const made = value instanceof Created;
      response.writeHead(made ? 201 : 200, out).end(JSON.stringify(made ? value.value : value));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const refusal = { code: error.code, message: error.message, id: randomUUID() };
      response.writeHead(error.status, out).end(JSON.stringify(refusal));
    }
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => handle(request, text, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: LdServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flags: all,
    audit: [],
    seen: [],
    approvals: new Map(),
    requests: new Approvals(flagOf, (flag, next, comment) => {
      save(flag, next, { member: SANDY }, comment, true);
    }),
    scheduled: new Set(),
    testFails: 409,
    refusesJsonPatch: false,
    routeLimit: null,
    pageCap: 100,
    auditDenied: false,
    onRequest: null,
    beforePatch: null,
    edit(key, environment, change) {
      const before = flagOf(key);
      const after = structuredClone(before);
      change(after.environments[environment] as FixtureEnvironment);
      save(before, after, { member: SANDY }, '');
    },
    remove(key) {
      const flag = flagOf(key);
      all.delete(key);
      record(flag, [['deleteFlag', '*']], 'deleted the flag', { member: SANDY });
    },
    add(flag) {
      all.set(flag.key, flag);
      record(flag, [['createFlag', '*']], 'created the flag', { member: SANDY });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

/** An answer of something that was made. */
class Created {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

function writing<T>(caller: Caller, write: () => T): T {
  if (caller.role === 'writer') return write();
  throw new Refusal(
    403,
    'forbidden',
    "Access to the requested resource was denied: action 'createApprovalRequest' not allowed",
  );
}

interface Caller {
  readonly role: string;
  readonly contentType: string;
  readonly body: unknown;
}

const identityOf = (role: string) => ({
  authKind: 'token',
  tokenKind: 'auth',
  tokenName: `scram ${role}`,
  tokenId: `id-${role}`,
  serviceToken: true,
});

const unknownPath = () => new Refusal(404, 'not_found', 'Invalid resource identifier');

/** An unknown parameter is a mistake of the adapter. */
function allow(query: URLSearchParams, names: readonly string[]): void {
  for (const name of query.keys()) {
    if (!names.includes(name)) throw new Refusal(400, 'invalid_request', `unknown parameter ${name}`);
  }
}

function numberOf(query: URLSearchParams, name: string, other: number, least: number, most: number): number {
  const text = query.get(name);
  const number = text === null ? other : Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Refusal(400, 'invalid_request', `${name} must be between ${least} and ${most}`);
  }
  return number;
}
