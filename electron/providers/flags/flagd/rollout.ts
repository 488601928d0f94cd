import { parseDocument } from 'yaml';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { ProviderFlag } from '../../../services/flags/provider.ts';
import { featureVariant, roundedShare } from '../document/flag-parts.ts';
import type { PlannedEdit } from '../document/format.ts';
import { isYaml } from '../document/text/flag-file.ts';
import { editJson } from '../document/text/json-edit.ts';
import { editYaml } from '../document/text/yaml-edit.ts';
import { YAML_OPTIONS } from '../document/text/yaml-file.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { servingOf } from './definition.ts';
import { sharesOf, summarise } from './targeting.ts';

/** flagd takes whole numbers as weights, so a share has two decimals at most. */
const SCALE = 100;

/**
 * Gives the feature to `percentage` of users by a `fractional` over the safe variant and the one other. What it splits
 * users by is kept; without one that is the targeting key. Throws `refused` where other rules decide too.
 */
export function planRollout(flag: ProviderFlag, text: string, fileName: string, percentage: number): PlannedEdit {
  const { key, safeDefault: safe } = flag;
  if (safe === null) throw noSafeVariant(key, flag.variants);
  const yaml = isYaml(fileName);
  const definition = yaml ? yamlDefinition(key, text) : (JSON.parse(text) as JsonObject);
  const { defaultVariant, targeting } = servingOf(definition);
  const buckets = bucketsOf(key, targeting);
  const on = featureVariant(flag, safe, [...buckets.variants, defaultVariant]);

  const share = roundedShare(percentage);
  const factor = Number.isInteger(share) ? 1 : SCALE;
  const weights: JsonValue[] = [
    [on, Math.round(share * factor)],
    [safe, Math.round((100 - share) * factor)],
  ];
  const rule: JsonObject = { fractional: buckets.by === null ? weights : [buckets.by, ...weights] };
  // Who cannot be split, such as a request without a targeting key, gets the default.
  const rest = share === 100 ? on : safe;
  const edits = {
    set: {
      state: yaml ? 'ENABLED' : '"ENABLED"',
      defaultVariant: JSON.stringify(rest),
      targeting: JSON.stringify(rule),
    },
    remove: {},
    addAfter: 'state',
  };
  return {
    text: yaml ? editYaml(text, edits) : editJson(text, edits),
    promised: { serves: null, shares: { [on]: share, [safe]: 100 - share } },
    after: {
      exposure: share === 0 ? 'nobody' : share === 100 ? 'everyone' : 'some',
      percentage: share,
      serves: rest,
      targeting: summarise(rule, {}),
      killed: false,
      offMeaning: 'off-value',
    },
    notes: rest === defaultVariant ? [] : [`users whom services send no targeting key for get ${rest}`],
  };
}

/** Percent of users by variant as a definition's rules say; null where they do not tell. */
export function percentOf(definition: JsonObject, evaluators: JsonObject): Record<string, number> | null {
  const { enabled, defaultVariant, targeting } = servingOf(definition);
  const shares = enabled && targeting ? sharesOf(targeting, evaluators) : null;
  if (shares === null) return null;
  return Object.fromEntries([...shares].map(([name, share]) => [name ?? defaultVariant ?? '', share * 100]));
}

function yamlDefinition(key: string, text: string): JsonObject {
  try {
    const [plain] = Object.values(parseDocument(text, YAML_OPTIONS).toJS() as object);
    if (isJsonObject(plain)) return plain;
  } catch {
    // An alias whose far end stands elsewhere in the file.
  }
  throw new ScramError('refused', `the definition of ${key} shares parts with others (anchors, merge keys)`, {
    action: 'Give the flag a definition of its own in the flag file, or set its share by hand.',
  });
}

/** What the present rule splits users by, and into which variants; throws unless it is one `fractional` or none. */
function bucketsOf(key: string, targeting: JsonObject | null): { by: JsonValue; variants: string[] } {
  if (targeting === null) return { by: null, variants: [] };
  const operand = Object.keys(targeting).length === 1 ? targeting.fractional : undefined;
  if (!Array.isArray(operand)) {
    throw new ScramError('refused', `${key} has other rules than one split of users: ${summarise(targeting, {})}`, {
      action: 'Kill it, or change its rules in the flag file.',
    });
  }
  const by = Array.isArray(operand[0]) ? null : (operand[0] ?? null);
  const variants = (by === null ? operand : operand.slice(1)).map((bucket) => {
    const name = Array.isArray(bucket) ? bucket[0] : undefined;
    if (typeof name === 'string') return name;
    throw new ScramError('refused', `${key} splits users by rules within its split: ${summarise(targeting, {})}`, {
      action: 'Kill it, or change its rules in the flag file.',
    });
  });
  return { by, variants };
}
