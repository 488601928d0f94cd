import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { type FlagType, flagTypeSchema } from '../../../../shared/model/flag.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import { typeByName } from '../../../../shared/rules/naming.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import {
  type LdEnvironment,
  type LdFlag,
  type Member,
  targetingSchema,
  type Variation,
  variationSchema,
} from './schema.ts';
import { stateOf, variantNames } from './state.ts';

const definitionSchema = z.strictObject({
  variations: z.array(variationSchema),
  targeting: z.record(z.string(), z.json()),
});

/** What a change keeps of a flag: its variations, and what serves them in one environment. */
export interface Definition {
  readonly variations: readonly Variation[];
  readonly targeting: JsonObject;
}

/** Reads a kept definition. Throws `refused` for one of another kind of connection. */
export function readDefinition(definition: unknown, key: string): Definition {
  const read = definitionSchema.safeParse(definition);
  if (read.success && targetingSchema.safeParse(read.data.targeting).success) return read.data;
  throw new ScramError('refused', `the kept definition of ${key} is not one of a LaunchDarkly connection`);
}

/** Where a flag was read. */
export interface Place {
  /** Our name, and LaunchDarkly's key. */
  readonly environment: string;
  readonly providerEnvironment: string;
  /** The service, for errors. */
  readonly name: string;
}

export interface ReadFlag {
  readonly flag: ProviderFlag;
  /** Rises with every write to the flag in this environment. */
  readonly version: number;
  /** Keys of the flags that it needs. */
  readonly prerequisites: readonly string[];
}

export function normalise(found: LdFlag, hints: FlagHints, place: Place): ReadFlag {
  const { key, variations } = found;
  const environment = found.environments?.[place.providerEnvironment];
  if (environment === undefined) {
    throw new ScramError(
      'provider',
      `${place.name}: flag ${key} came without environment ${place.providerEnvironment}`,
      {
        action: "Check the connection's environments in scram.yaml: they are the keys of environments of its project.",
      },
    );
  }
  const checked = targetingSchema.safeParse(environment);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = ['environments', place.providerEnvironment, ...(issue?.path ?? [])].join('.');
    throw new ScramError('provider', `${place.name}: flag ${key} does not fit: ${field}: ${issue?.message}`);
  }
  const targeting = asRead(environment);
  const names = variantNames(variations);
  const variants = variations.map(({ value }, index) => ({ name: names[index] ?? '', value }));
  const safeDefault = safeVariant(Object.fromEntries(variants.map(({ name, value }) => [name, value])), hints);
  const flag: ProviderFlag = {
    key,
    environment: place.environment,
    providerEnvironment: place.providerEnvironment,
    state: stateOf(targeting, variations, safeDefault, checked.data),
    variants,
    safeDefault,
    description: words(found.description) ?? words(found.name),
    type: typeOf(found.tags) ?? typeByName(key),
    owner: words(found._maintainerTeam?.name) ?? words(found._maintainerTeam?.key) ?? personOf(found._maintainer),
    tags: found.tags,
    stale: found.deprecated === true,
    lastSeenAtMs: null,
    changedAtMs: environment.lastModified ?? null,
    changedBy: null,
    definition: { variations: variations.map(plainVariation), targeting },
  };
  return { flag, version: environment.version, prerequisites: checked.data.prerequisites.map((one) => one.key) };
}

/** What decides the serving as it came, with every field of theirs, for writing it back. */
function asRead(environment: LdEnvironment): JsonObject {
  const { on, offVariation, fallthrough, targets, contextTargets, rules, prerequisites } = environment;
  return {
    on,
    offVariation: offVariation ?? null,
    fallthrough: fallthrough ?? {},
    targets: targets ?? [],
    contextTargets: contextTargets ?? [],
    rules: rules ?? [],
    prerequisites: prerequisites ?? [],
  };
}

/** Without the fields that are absent: what is kept is plain JSON. */
function plainVariation({ _id, name, value }: Variation): JsonObject {
  return { ...(typeof _id === 'string' ? { _id } : {}), ...(typeof name === 'string' ? { name } : {}), value };
}

function typeOf(tags: readonly string[]): FlagType | null {
  for (const tag of tags) {
    const read = flagTypeSchema.safeParse(tag);
    if (read.success) return read.data;
  }
  return null;
}

export function personOf(member: Member | null | undefined): string | null {
  const full = [member?.firstName, member?.lastName].filter((part) => part).join(' ');
  return words(member?.email) ?? words(full);
}

export function words(text: string | null | undefined): string | null {
  return text?.trim() || null;
}
