import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { HttpResponse } from '../../../platform/http/client.ts';
import type { Api, Explained } from '../../shared/api.ts';
import {
  type EventAnswer,
  eventsSchema,
  exportSchema,
  type FlagAnswer,
  flagSchema,
  type ListRow,
  listSchema,
  segmentsSchema,
  strategySchema,
  type TagAnswer,
  tagsSchema,
} from './answers.ts';
import type { Step } from './steps.ts';

/** The newest events of the project, and how many there are in all. */
export interface EventPage {
  readonly events: readonly EventAnswer[];
  readonly total: number;
}

/** The requests that the provider makes, by Unleash's openapi.json. Times and paths only; nothing is kept here. */
export interface UnleashClient {
  readonly name: string;
  list(signal: AbortSignal): Promise<readonly ListRow[]>;
  read(key: string, signal: AbortSignal): Promise<FlagAnswer>;
  tags(key: string, signal: AbortSignal): Promise<readonly TagAnswer[]>;
  segments(signal: AbortSignal): Promise<ReadonlyMap<number, string>>;
  export(environment: string, keys: readonly string[], signal: AbortSignal): Promise<z.infer<typeof exportSchema>>;
  events(page: { offset: number; limit: number; from?: string }, signal: AbortSignal): Promise<EventPage>;
  /** The newest event; null when it is still the one that `etag` names. */
  newest(etag: string | null, signal: AbortSignal): Promise<{ page: EventPage; etag: string | null } | null>;
  /** One request of a write; returns the id of a strategy that was added. */
  step(step: Step, at: { key: string; environment: string }, added: readonly string[]): Promise<string | null>;
  /** All or none of them (one transaction); names are checked by the server. */
  switchAll(environment: string, keys: readonly string[], enabled: boolean): Promise<void>;
  dispose(): void;
}

/** Flags that one bulk write may change; the server takes more, and is held up by them for seconds. */
export const BULK = 500;

export function createUnleashClient(api: Api, project: string): UnleashClient {
  const base = `/api/admin/projects/${encodeURIComponent(project)}`;
  const flagPath = (key: string) => `${base}/features/${encodeURIComponent(key)}`;
  const environmentPath = (key: string, environment: string) =>
    `${flagPath(key)}/environments/${encodeURIComponent(environment)}`;
  const ofProject = { project: `IS:${project}` };

  return {
    name: api.name,
    async list(signal) {
      const asked = { method: 'GET', path: `${base}/features`, schema: listSchema, what: 'all flags', signal } as const;
      return (await api.ask(asked)).value.features;
    },
    async read(key, signal) {
      const { value } = await api.ask({
        method: 'GET',
        path: flagPath(key),
        query: { variantEnvironments: 'true' },
        schema: flagSchema,
        what: `flag ${key}`,
        signal,
      });
      if (!value.archived) return value;
      throw new ScramError('not-found', `${api.name}, flag ${key}: it is archived`);
    },
    async tags(key, signal) {
      const path = `/api/admin/features/${encodeURIComponent(key)}/tags`;
      return (await api.ask({ method: 'GET', path, schema: tagsSchema, what: `tags of ${key}`, signal })).value.tags;
    },
    async segments(signal) {
      const asked = {
        method: 'GET',
        path: '/api/admin/segments',
        schema: segmentsSchema,
        what: 'segments',
        signal,
      } as const;
      return new Map((await api.ask(asked)).value.segments.map(({ id, name }) => [id, name]));
    },
    async export(environment, keys, signal) {
      const { value } = await api.ask({
        method: 'POST',
        path: '/api/admin/features-batch/export',
        json: { environment, features: keys, downloadFile: false },
        schema: exportSchema,
        what: `strategies of ${keys.length} flags in ${environment}`,
        idempotentRead: true,
        signal,
      });
      return value;
    },
    async events({ offset, limit, from }, signal) {
      const { value } = await api.ask({
        method: 'GET',
        path: '/api/admin/search/events',
        query: { ...ofProject, offset, limit, ...(from === undefined ? {} : { from: `IS:${from}` }) },
        schema: eventsSchema,
        what: 'events',
        signal,
      });
      return value;
    },
    async newest(etag, signal) {
      const request = {
        method: 'GET',
        path: '/api/admin/search/events',
        query: { ...ofProject, offset: 0, limit: 1 },
        schema: eventsSchema,
        what: 'the newest event',
        signal,
      } as const;
      const answer = etag === null ? await api.ask(request) : await api.askIfChanged(request, etag);
      return answer && { page: answer.value, etag: answer.etag };
    },
    async step(step, { key, environment }, added) {
      const at = environmentPath(key, environment);
      switch (step.kind) {
        case 'switch': {
          const to = step.enabled ? 'on' : 'off';
          await api.ask({ method: 'POST', path: `${at}/${to}`, schema: null, what: `switching ${key} ${to}` });
          return null;
        }
        case 'patch': {
          const path = `${at}/strategies/${encodeURIComponent(step.id)}`;
          await api.ask({ method: 'PATCH', path, json: step.patch, schema: null, what: `a strategy of ${key}` });
          return null;
        }
        case 'add': {
          const { strategy, sortOrder } = step;
          const json = { ...strategy, title: strategy.title ?? '', sortOrder };
          const asked = { method: 'POST', path: `${at}/strategies`, json, schema: strategySchema } as const;
          return (await api.ask({ ...asked, what: `a new strategy of ${key}` })).value.id;
        }
        case 'remove': {
          const path = `${at}/strategies/${encodeURIComponent(step.id)}`;
          await api.ask({ method: 'DELETE', path, schema: null, what: `removing a strategy of ${key}` });
          return null;
        }
        case 'order': {
          const json = step.ids.map((id, sortOrder) => ({
            id: typeof id === 'string' ? id : added[id.added],
            sortOrder,
          }));
          const path = `${at}/strategies/set-sort-order`;
          await api.ask({ method: 'POST', path, json, schema: null, what: `the order of ${key}'s strategies` });
          return null;
        }
        case 'variants': {
          const { variants: json } = step;
          await api.ask({ method: 'PUT', path: `${at}/variants`, json, schema: null, what: `variants of ${key}` });
          return null;
        }
      }
    },
    async switchAll(environment, keys, enabled) {
      const to = enabled ? 'on' : 'off';
      await api.ask({
        method: 'POST',
        path: `${base}/bulk_features/environments/${encodeURIComponent(environment)}/${to}`,
        json: { features: keys },
        schema: null,
        what: `switching ${keys.length} flags ${to}`,
      });
    },
    dispose: () => api.dispose(),
  };
}

const refusalSchema = z.object({
  name: z.string().nullish(),
  message: z.string(),
  details: z.array(z.object({ message: z.string().nullish() })).nullish(),
  permissions: z.array(z.string()).nullish(),
});

/** What Unleash asks for where changes go through change requests (its PermissionError names this permission). */
const SKIP_CHANGE_REQUEST = 'SKIP_CHANGE_REQUEST';

/** Reads Unleash's own errors: `{name, message, details, permissions}`; several have a message alone. */
export function explain(response: HttpResponse, body: unknown): Explained | null {
  const { status } = response;
  const read = refusalSchema.safeParse(body);
  if (!read.success) return null;
  const { name, message: first, details, permissions } = read.data;
  const more = (details ?? []).flatMap((detail) =>
    detail.message && !first.includes(detail.message) ? [detail.message] : [],
  );
  const message = [first, ...more].join('; ');
  if (status === 403 && (permissions?.includes(SKIP_CHANGE_REQUEST) || /change requests?\b/i.test(first))) {
    return {
      message: `changes to this environment go through change requests: ${message}`,
      code: 'approval-required',
      action: `A switch is put into a change request from here; open one in Unleash for anything else, or give the credential the permission ${SKIP_CHANGE_REQUEST}.`,
    };
  }
  if (status === 409 && /change requests?\b/i.test(first)) {
    return { message, code: 'approval-required', action: 'Settle the open change request in Unleash.' };
  }
  if (status === 403) {
    const wrongKind = first.includes('different token type');
    return {
      message,
      permission: permissions?.join(' or ') ?? null,
      ...(wrongKind
        ? { action: 'Give the connection an admin token or a personal access token, no client token.' }
        : {}),
    };
  }
  if (status === 500 && first.includes('TEST_OPERATION_FAILED')) {
    return {
      message: 'the strategy has changed since it was read',
      code: 'conflict',
      action: 'Look again, and decide anew.',
    };
  }
  if (status === 503 && /maintenance/i.test(first)) {
    return {
      message,
      action: 'Unleash takes no changes while it is in maintenance mode: end it there (Admin, Maintenance).',
    };
  }
  if (name === 'ArchivedFeatureError')
    return { message, code: 'not-found', action: 'Revive the flag in Unleash first.' };
  if (status === 404 && /in project|Could not find feature|different project|no feature named/i.test(first)) {
    return { message, action: "Check the connection's project and environments in scram.yaml against Unleash's." };
  }
  return { message };
}
