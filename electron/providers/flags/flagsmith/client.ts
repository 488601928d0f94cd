import type { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Api } from '../../shared/api.ts';
import * as answers from './answers.ts';

/** The largest page that Flagsmith gives (api/app/pagination.py). */
const PAGE_SIZE = 999;
/** Requests under way at once: Flagsmith allows some 500 a minute (docs.flagsmith.com, system limits). */
export const AT_ONCE = 4;
/** No list is as long as this; a server that repeats itself must not be followed for ever. */
const MOST_PAGES = 500;
const ATTEMPTS = 2;

export interface Place {
  readonly environment: answers.FlagsmithEnvironment;
  readonly edge: boolean;
}

export type FlagsmithClient = ReturnType<typeof createFlagsmithClient>;

/** The reading half of the Admin API; paths as in Flagsmith/flagsmith, api/…/urls.py. */
export function createFlagsmithClient(api: Api, project: number) {
  type Query = Readonly<Record<string, string | number | undefined>>;

  async function get<T>(path: string, schema: z.ZodType<T>, what: string, signal: AbortSignal, query: Query = {}) {
    return api.ask({ method: 'GET', path, query, schema, what, signal });
  }

  /** A whole list. What is added or removed while it is read moves its pages, so they are counted. */
  async function list<T>(path: string, item: z.ZodType<T>, what: string, signal: AbortSignal, query: Query = {}) {
    const schema = answers.pageSchema(item);
    const page = async (number: number) => {
      const paged = { ...query, page_size: PAGE_SIZE, ...(number === 1 ? {} : { page: number }) };
      return (await get(path, schema, what, signal, paged)).value;
    };
    for (let attempt = 1; ; attempt += 1) {
      const first = await page(1);
      const items = [...first.results];
      if (!first.next) return items;
      const total = first.count ?? 0;
      // Servers may give smaller pages than they are asked for.
      const pages = Math.ceil(total / Math.max(1, items.length));
      if (pages > MOST_PAGES) throw new ScramError('provider', `${api.name}: ${what} has ${pages} pages of answers`);
      const rest = Array.from({ length: pages - 1 }, (_, index) => index + 2);
      for (const more of await mapAtOnce(rest, page)) items.push(...more.results);
      if (items.length === total) return items;
      if (attempt === ATTEMPTS) {
        throw new ScramError(
          'provider',
          `${api.name}: ${what} changed while it was read: ${items.length} of ${total}`,
          {
            retryable: true,
          },
        );
      }
    }
  }

  return {
    api,
    environments: (signal: AbortSignal) =>
      list('/environments/', answers.environmentSchema, 'its environments', signal, { project }),
    project: (signal: AbortSignal) => get(`/projects/${project}/`, answers.projectSchema, `project ${project}`, signal),
    features: ({ environment }: Place, signal: AbortSignal) =>
      list(`/projects/${project}/features/`, answers.featureSchema, 'its features', signal, {
        environment: environment.id,
      }),
    searchFeatures: (name: string, signal: AbortSignal) =>
      list(`/projects/${project}/features/`, answers.featureSchema, `feature ${name}`, signal, { search: name }),
    feature: async (id: number, name: string, signal: AbortSignal) =>
      (await get(`/projects/${project}/features/${id}/`, answers.featureSchema, `feature ${name}`, signal)).value,
    /** Every live state of an environment, or of one of its features: its own, segments' and identities'. */
    states: ({ environment }: Place, feature: number | undefined, signal: AbortSignal) =>
      list('/features/featurestates/', answers.stateSchema, 'the states of its features', signal, {
        environment: environment.id,
        ...(feature === undefined ? {} : { feature }),
      }),
    featureSegments: ({ environment }: Place, feature: number, signal: AbortSignal) =>
      list('/features/feature-segments/', answers.featureSegmentSchema, 'the segment overrides', signal, {
        environment: environment.id,
        feature,
      }),
    identityStates: ({ environment }: Place, feature: number | undefined, signal: AbortSignal) =>
      list(
        `/environments/${encodeURIComponent(environment.api_key)}/featurestates/`,
        answers.identityStateSchema,
        'the identity overrides',
        signal,
        { anyIdentity: 1, ...(feature === undefined ? {} : { feature }) },
      ),
    edgeOverrides: async ({ environment }: Place, feature: number | undefined, signal: AbortSignal) =>
      (
        await get(
          `/environments/${encodeURIComponent(environment.api_key)}/edge-identity-overrides`,
          answers.edgeOverridesSchema,
          'the identity overrides',
          signal,
          { ...(feature === undefined ? {} : { feature }) },
        )
      ).value.results,
    segments: (signal: AbortSignal) =>
      list(`/projects/${project}/segments/`, answers.segmentSchema, 'its segments', signal, {
        include_feature_specific: 'true',
      }),
    segment: async (id: number, signal: AbortSignal) =>
      (await get(`/projects/${project}/segments/${id}/`, answers.segmentSchema, `segment ${id}`, signal)).value,
    /** One page of the audit log, newest first. */
    audit: async (page: number, size: number, signal: AbortSignal) =>
      (
        await get(`/projects/${project}/audit/`, answers.pageSchema(answers.auditSchema), 'the audit log', signal, {
          page_size: size,
          ...(page === 1 ? {} : { page }),
        })
      ).value,
  };
}

/** In order, so many at once as Flagsmith's limit stands. */
export async function mapAtOnce<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(run))));
  }
  return results;
}
