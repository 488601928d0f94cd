import { ScramError } from '../../../../shared/model/error.ts';
import { objectsOf } from './answers.ts';
import type { UnleashClient } from './client.ts';
import { type Definition, dependenciesOf, revisionOf, strategyOf } from './definition.ts';

export interface Exported {
  readonly definitions: ReadonlyMap<string, { readonly definition: Definition; readonly revision: string }>;
  /** Flags of which an export does not tell all: of several strategies it leaves out the order. */
  readonly untold: readonly string[];
}

/** Flags of one request: its answer stays under a megabyte or so, its names within the server's limit of 500 kB. */
const PAGE = 1_000;
/** Names of one request, characters. */
const PAGE_CHARACTERS = 200_000;
const AT_ONCE = 3;
/** Answers of servers that let nobody export: the flags are then read one by one. */
const NOT_OFFERED: readonly ScramError['code'][] = ['not-found', 'credential', 'provider', 'approval-required'];

/**
 * Strategies of many flags of one environment. Of 10,000 flags, PostgreSQL and server on one machine: the list takes 0.4 s
 * and has none; the playground takes 18 s and holds up everyone else; one request per flag 40 to 90 s; an export 0.5 s.
 * Its price is one `features-exported` event per page in Unleash's log, under no project.
 */
export async function exportAll(
  client: UnleashClient,
  environment: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Exported> {
  const definitions = new Map<string, { definition: Definition; revision: string }>();
  const untold: string[] = [];
  const children = new Map<string, string[]>();
  const pages = pagesOf(keys).values();
  async function work(): Promise<void> {
    for (const page of pages) {
      const answer = await client.export(environment, page, signal);
      const strategies = Map.groupBy(answer.featureStrategies, ({ featureName }) => featureName);
      const dependencies = new Map(answer.dependencies?.map((entry) => [entry.feature, entry.dependencies]));
      for (const [feature, parents] of dependencies) {
        for (const { feature: parent } of parents) children.set(parent, [...(children.get(parent) ?? []), feature]);
      }
      for (const { featureName: key, environment: of, enabled, variants } of answer.featureEnvironments) {
        if (of !== environment) continue;
        const own = strategies.get(key) ?? [];
        if (own.length > 1) untold.push(key);
        const definition: Definition = {
          enabled,
          strategies: own.map(strategyOf),
          variants: objectsOf(variants),
          dependencies: dependenciesOf(dependencies.get(key)),
          children: [],
        };
        // Here, while the server is at the next page.
        definitions.set(key, { definition, revision: revisionOf(definition) });
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    if (!(error instanceof ScramError && NOT_OFFERED.includes(error.code))) throw error;
    return { definitions: new Map(), untold: [...keys] };
  }
  for (const [parent, names] of children) {
    const read = definitions.get(parent);
    if (read) definitions.set(parent, { ...read, definition: { ...read.definition, children: names.sort() } });
  }
  return { definitions, untold };
}

function pagesOf(keys: readonly string[]): string[][] {
  const pages: string[][] = [];
  let page: string[] = [];
  let characters = 0;
  for (const key of keys) {
    if (page.length === PAGE || characters + key.length > PAGE_CHARACTERS) {
      pages.push(page);
      page = [];
      characters = 0;
    }
    page.push(key);
    characters += key.length;
  }
  if (page.length > 0) pages.push(page);
  return pages;
}
