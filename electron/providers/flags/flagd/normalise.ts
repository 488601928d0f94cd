import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Exposure, type FlagState, flagTypeSchema } from '../../../../shared/model/flag.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import { typeByName } from '../../../../shared/rules/naming.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { type Serving, servingOf } from './definition.ts';
import { rulesAreBroken } from './evaluate.ts';
import type { FlagFile } from './flag-file.ts';
import { hasKnownOperators, refersToEvaluators, sharesOf, sharesOfTheRest, summarise } from './targeting.ts';

/** Where a flag was read. */
export interface Place {
  readonly environment: string;
  readonly path: string;
}

const YAML_ALIAS = /[\s:[{,]\*[^\s,[\]{}]/;

/** Names that say "off" where the values do not (experiments). The order decides. */
const OFF_NAMES = ['off', 'control', 'none', 'disabled'];

/** The variant that a kill serves: configured, else found by polarity and value, else by name; null when untold. */
export function safeVariant(variants: JsonObject, hints: FlagHints): string | null {
  if (hints.safeDefault !== null) return Object.hasOwn(variants, hints.safeDefault) ? hints.safeDefault : null;
  const names = Object.keys(variants);
  const boolean = names.length > 0 && names.every((name) => typeof variants[name] === 'boolean');
  if (boolean) return names.find((name) => variants[name] === (hints.polarity === 'disables')) ?? null;
  // An `ops_disable_*` flag without booleans: which of its variants turns the feature off must be configured.
  if (hints.polarity === 'disables') return null;
  return OFF_NAMES.flatMap((off) => names.filter((name) => name.toLowerCase() === off))[0] ?? null;
}

/** SHA-256 of the definition's exact text, and of the shared rules when it refers to them. */
export function revisionOf(text: string, evaluators: JsonObject, targeting: JsonValue): string {
  const refers = targeting !== null && refersToEvaluators(targeting);
  return hash('sha256', refers ? `${text}\n${JSON.stringify(evaluators)}` : text);
}

export function normalise(file: FlagFile, key: string, hints: FlagHints, place: Place): ProviderFlag {
  const { text, definition } = file.read(key);
  const serving = servingOf(definition);
  const safeDefault = safeVariant(serving.variants, hints);
  // Parts that stand elsewhere (YAML's `*name`) change the definition without changing its text (B2).
  const aliased = YAML_ALIAS.test(text) && /\.ya?ml$/i.test(place.path);
  const metadata = { ...file.metadata, ...(isJsonObject(definition.metadata) ? definition.metadata : {}) };
  const type = flagTypeSchema.safeParse(metadata.type);
  return {
    key,
    environment: place.environment,
    providerEnvironment: place.path,
    state: {
      ...served(file, key, definition, serving, safeDefault),
      revision: revisionOf(
        aliased ? `${text}\n${JSON.stringify(definition)}` : text,
        file.evaluators,
        serving.targeting,
      ),
    },
    variants: Object.entries(serving.variants).map(([name, value]) => ({ name, value })),
    safeDefault,
    description: words(metadata.description),
    type: type.success ? type.data : typeByName(key),
    owner: words(metadata.owner),
    tags: tagsOf(metadata.tags),
    stale: false,
    lastSeenAtMs: null,
    changedAtMs: null,
    changedBy: null,
    definition: { text },
  };
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

function words(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** flagd's metadata holds plain values only, so tags are written `a, b`; a list is read too. */
function tagsOf(value: JsonValue | undefined): string[] {
  const parts = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
