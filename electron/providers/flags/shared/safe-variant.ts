import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import type { FlagHints } from '../../../services/flags/provider.ts';

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

/** A kill that cannot be planned, because nothing tells which variant is safe; it names the setting that would. */
export function noSafeVariant(key: string, variants: readonly { readonly name: string }[]): ScramError {
  return new ScramError('refused', `which variant of ${key} is safe to serve is not known`, {
    action: `Name it in scram.yaml: flags[].safeDefault of ${key}, one of ${variants.map(({ name }) => name).join(', ') || 'its variants'}.`,
  });
}
