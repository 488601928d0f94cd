import { isDeepStrictEqual } from 'node:util';
import type { Exposure, FlagState } from '../../../../shared/model/flag.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { describedBy } from '../document/flag-parts.ts';
import { textRevision } from '../document/revision.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import { type Serving, servingOf } from './definition.ts';
import { rulesAreBroken } from './evaluate.ts';
import type { FlagFile } from './flag-file.ts';
import { hasKnownOperators, refersToEvaluators, sharesOf, sharesOfTheRest, summarise } from './targeting.ts';

/** Where a flag was read. */
export interface Place {
  readonly environment: string;
  readonly name: string;
}

const YAML_ALIAS = /[\s:[{,]\*[^\s,[\]{}]/;

export function normalise(file: FlagFile, key: string, hints: FlagHints, place: Place): ProviderFlag {
  const { text, definition } = file.read(key);
  const serving = servingOf(definition);
  const safeDefault = safeVariant(serving.variants, hints);
  const metadata = { ...file.metadata, ...(isJsonObject(definition.metadata) ? definition.metadata : {}) };
  return {
    key,
    environment: place.environment,
    providerEnvironment: place.name,
    state: {
      ...served(file, key, definition, serving, safeDefault),
      revision: revisionOf(file, text, definition, serving.targeting),
    },
    variants: Object.entries(serving.variants).map(([name, value]) => ({ name, value })),
    safeDefault,
    ...describedBy(key, metadata),
    stale: false,
    lastSeenAtMs: null,
    changedAtMs: null,
    changedBy: null,
    definition: { text },
  };
}

/** Of the definition's exact text, and of what stands elsewhere in the file and decides with it (B2). */
function revisionOf(file: FlagFile, text: string, definition: JsonObject, targeting: JsonValue): string {
  // YAML's `*name` changes a definition without changing its text.
  const aliased = file.syntax === 'yaml' && YAML_ALIAS.test(text) ? JSON.stringify(definition) : '';
  const rules = targeting !== null && refersToEvaluators(targeting) ? JSON.stringify(file.evaluators) : '';
  const also = [aliased, rules].filter((part) => part !== '').join('\n');
  return textRevision(text, also === '' ? null : also);
}

function served(
  file: FlagFile,
  key: string,
  definition: JsonObject,
  serving: Serving,
  safe: string | null,
): Omit<FlagState, 'revision'> {
  const { enabled, defaultVariant, targeting, variants } = serving;
  const state = {
    serves: enabled ? defaultVariant : null,
    targeting: targeting ? summarise(targeting, file.evaluators) : null,
    offMeaning: enabled && defaultVariant !== null ? ('off-value' as const) : ('code-default' as const),
    killed: false,
  };
  const codeDefault = { ...state, exposure: 'code-default' as const, percentage: null };
  if (!enabled) return codeDefault;
  const isSafe = (variant: string): boolean => safe !== null && isDeepStrictEqual(variants[variant], variants[safe]);
  if (!targeting) {
    if (defaultVariant === null) return codeDefault;
    if (safe === null) return { ...state, exposure: 'unknown', percentage: null };
    return isSafe(defaultVariant)
      ? { ...state, exposure: 'nobody', percentage: 0, killed: true }
      : { ...state, exposure: 'everyone', percentage: 100 };
  }
  if (!hasKnownOperators(targeting) && rulesAreBroken(key, definition, file.evaluators)) {
    return { ...codeDefault, offMeaning: 'code-default' };
  }
  return { ...state, ...exposureByRules(targeting, file.evaluators, serving, safe === null ? null : isSafe) };
}

function exposureByRules(
  targeting: JsonObject,
  evaluators: JsonObject,
  { defaultVariant, variants }: Serving,
  isSafe: ((variant: string) => boolean) | null,
): { exposure: Exposure; percentage: number | null } {
  if (!isSafe) return { exposure: 'unknown', percentage: null };
  const all = sharesOf(targeting, evaluators);
  const rest = all ?? sharesOfTheRest(targeting, evaluators);
  if (!rest) return { exposure: 'some', percentage: null };
  let on = 0;
  for (const [named, share] of rest) {
    const variant = named ?? defaultVariant;
    // A variant that is not there, or no default: the code decides for these users.
    if (variant === null || !Object.hasOwn(variants, variant)) return { exposure: 'unknown', percentage: null };
    if (!isSafe(variant)) on += share;
  }
  const percentage = Math.round(on * 10_000) / 100;
  if (!all) return { exposure: 'some', percentage };
  return { exposure: percentage === 0 ? 'nobody' : percentage === 100 ? 'everyone' : 'some', percentage };
}
