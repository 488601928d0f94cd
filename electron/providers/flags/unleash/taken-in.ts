import { type FlagAnswer, type ListRow, objectsOf, timeOf } from './answers.ts';
import { dependenciesOf, inOrder, strategyOf } from './definition.ts';
import { type Held, held, type Meta } from './normalise.ts';

/** Whether what is held is still what the list shows: it has switches, and no strategies. */
export function agrees(row: ListRow, environment: string, read: Held | undefined): boolean {
  const listed = row.environments.find(({ name }) => name === environment);
  if (read === undefined || listed === undefined) return false;
  const { enabled, strategies } = read.definition;
  if (enabled !== listed.enabled) return false;
  if ((listed.hasStrategies ?? strategies.length > 0) !== strategies.length > 0) return false;
  const counts = strategies.some(({ disabled }) => !disabled);
  return (listed.hasEnabledStrategies ?? counts) === counts;
}

/** When a service last asked for it in the environment, epoch ms; null where the list does not tell. */
export function seenIn(row: ListRow, environment: string): number | null {
  return timeOf(row.environments.find(({ name }) => name === environment)?.lastSeenAt);
}

/** What is the same in every environment; the list and a single answer tell it alike, but for owner and tags. */
export function metaOf(
  { type, description, stale }: ListRow | FlagAnswer,
  owner: string | null,
  tags: readonly string[],
): Meta {
  return { type: type ?? null, description: description ? description : null, stale: stale ?? false, owner, tags };
}

/** Who made the flag. Negative ids are the server's own users and those of tokens: nobody to ask. */
export function ownerOf({ createdBy }: FlagAnswer): string | null {
  return createdBy?.name && (createdBy.id ?? 1) > 0 ? createdBy.name : null;
}

/** The flag in each environment of the connection, by the provider's names. */
export function environmentsOf(answer: FlagAnswer, names: readonly string[]): ReadonlyMap<string, Held> {
  const dependencies = dependenciesOf(answer.dependencies);
  const children = [...(answer.children ?? [])].sort();
  return new Map(
    answer.environments
      .filter(({ name }) => names.includes(name))
      .map((environment) => [
        environment.name,
        held(
          {
            enabled: environment.enabled,
            strategies: inOrder(environment.strategies).map(strategyOf),
            variants: objectsOf(environment.variants),
            dependencies,
            children,
          },
          timeOf(environment.lastSeenAt),
        ),
      ]),
  );
}

/** `simple` is Unleash's type of tags without one. */
export function tagWords({ type, value }: { type: string; value: string }): string {
  return type === 'simple' ? value : `${type}:${value}`;
}
