import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { PlannedWrite, ProviderFlag } from '../../../services/flags/provider.ts';
import { revisionOfJson } from '../shared/revision.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { type Definition, definitionSchema, type Held, isMultivariate } from './definition.ts';
import { heldWords, nameOf, servedOf, variantsOf } from './serving.ts';

/** All of a flag's states as they are to be. */
export const writeSchema = z.strictObject({ target: definitionSchema });

/** Overrides that a note names one by one. */
const MOST_NAMED = 5;

export function keptDefinition(definition: JsonValue, key: string): Definition {
  const read = definitionSchema.safeParse(definition);
  if (read.success && read.data.feature.name === key) return read.data;
  throw new ScramError('refused', `the kept definition of ${key} is not one of a Flagsmith connection`);
}

/**
 * What gives everyone the safe variant. An environment that is switched off leaves the overrides of segments and
 * identities as they are, so each that would still serve something else is switched too.
 */
export function planKill(flag: ProviderFlag): PlannedWrite {
  const safe = flag.safeDefault;
  if (safe === null) throw noSafeVariant(flag.key, flag.variants);
  const now = keptDefinition(flag.definition, flag.key);
  const value = variantsOf(now)[safe];
  const kill = <H extends Held>(held: H): H => {
    if (!isMultivariate(now)) return { ...held, enabled: safe === 'on' };
    // The value, and no option's share: who asks without an identity gets the value whatever the shares are.
    if (typeof value === 'object' && value !== null) return held;
    const shares = held.shares.map((share) => ({ ...share, percentage: 0 }));
    return { ...held, enabled: true, value: value ?? null, shares };
  };
  const target = {
    ...now,
    environment: kill(now.environment),
    segments: now.segments.map(kill),
    identities: now.identities.map(kill),
  };
  const differs = (held: Held): boolean => heldWords(held, now) !== heldWords(kill(held), now);
  const segments = now.segments.filter(differs);
  const identities = now.identities.filter(differs);
  const notes: string[] = [];
  if (segments.length > 0) {
    notes.push(
      `Overrides of segments are switched too: ${named(segments.map((held) => `${held.name} (${heldWords(held, now)})`))}.`,
    );
  }
  if (identities.length > 0) {
    notes.push(
      `Overrides of identities are switched too: ${named(identities.map((held) => `${held.identifier} (${heldWords(held, now)})`))}.`,
    );
  }
  const kept = now.environment.value;
  if (!isMultivariate(now) && kept !== null && kept !== '') {
    notes.push(`Services that read its value (${nameOf(kept)}) without asking whether it is on keep that value.`);
  }
  return planned(target, safe, notes);
}

/**
 * What puts every state back as it was. Overrides that were made since are kept, and those that were removed since are
 * not made again: both are other people's decisions, and are told.
 */
export function planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite {
  const now = keptDefinition(flag.definition, flag.key);
  const then = keptDefinition(earlier.definition, flag.key);
  const options = new Set(now.feature.options.map(({ id }) => id));
  const back = <H extends Held>(present: H, before: Held | undefined): H => {
    if (before === undefined) return present;
    const { enabled, value, shares } = before;
    return { ...present, enabled, value, shares: shares.filter(({ option }) => options.has(option)) };
  };
  const target = {
    ...now,
    environment: back(now.environment, then.environment),
    segments: now.segments.map((held) =>
      back(
        held,
        then.segments.find(({ segment }) => segment === held.segment),
      ),
    ),
    identities: now.identities.map((held) =>
      back(
        held,
        then.identities.find(({ identifier }) => identifier === held.identifier),
      ),
    ),
  };
  const names = (definition: Definition) => [
    ...definition.segments.map(({ name }) => `segment ${name}`),
    ...definition.identities.map(({ identifier }) => `identity ${identifier}`),
  ];
  const added = names(now).filter((name) => !names(then).includes(name));
  const gone = names(then).filter((name) => !names(now).includes(name));
  const notes = [
    ...(added.length > 0 ? [`Overrides made since are kept: ${named(added)}.`] : []),
    ...(gone.length > 0 ? [`Overrides removed since are not made again: ${named(gone)}.`] : []),
  ];
  return planned(target, flag.safeDefault, notes);
}

function planned(target: Definition, safe: string | null, notes: readonly string[]): PlannedWrite {
  const definitionAfter: JsonValue = target;
  return {
    write: { target },
    after: { ...servedOf(target, safe), revision: revisionOfJson(definitionAfter) },
    definitionAfter,
    notes,
  };
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}
