import { parseDocument } from 'yaml';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject } from '../../../../shared/model/json.ts';
import type { ProviderFlag } from '../../../services/flags/provider.ts';
import { clipped, featureVariant, roundedShare } from '../document/flag-parts.ts';
import type { PlannedEdit } from '../document/format.ts';
import { isYaml } from '../document/text/flag-file.ts';
import { editJson, type MemberEdits } from '../document/text/json-edit.ts';
import { editYaml } from '../document/text/yaml-edit.ts';
import { YAML_OPTIONS } from '../document/text/yaml-file.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { type Definition, GOFF_GRAMMAR, readDefinition } from './definition.ts';
import { decisionOf, sharesOfRule, summarise } from './serving.ts';

/**
 * Serves the safe variation to everyone: the default rule alone is left to decide. `disable: true` would not do, since
 * services then use their code's own default; so would a `bucketingKey`, for those who do not send that field.
 */
export function planKill(flag: ProviderFlag, text: string, fileName: string): PlannedEdit {
  const { key, safeDefault: safe } = flag;
  if (safe === null) throw noSafeVariant(key, flag.variants);
  return {
    text: edited(text, fileName, {
      set: { defaultRule: JSON.stringify({ variation: safe }) },
      remove: {
        targeting: '[]',
        scheduledRollout: '[]',
        experimentation: 'null',
        bucketingKey: 'null',
        disable: 'false',
      },
      addAfter: 'variations',
    }),
    promised: { serves: safe, shares: null },
    after: {
      exposure: 'nobody',
      percentage: 0,
      serves: safe,
      targeting: null,
      killed: true,
      offMeaning: 'off-value',
    },
  };
}

/** Gives the feature to `percentage` of users by the default rule. Throws `refused` where other parts decide too. */
export function planRollout(flag: ProviderFlag, text: string, fileName: string, percentage: number): PlannedEdit {
  const { key, safeDefault: safe } = flag;
  if (safe === null) throw noSafeVariant(key, flag.variants);
  const read = readDefinition(plainOf(key, text, fileName));
  const { rules, timed } = decisionOf(read);
  if (rules.length > 0 || timed.length > 0) {
    throw new ScramError('refused', `${key} has more than one default rule that decides: ${flag.state.targeting}`, {
      action: 'Kill it, or change its rules in the flag file.',
    });
  }
  const share = roundedShare(percentage);
  const on = featureVariant(flag, safe, Object.keys(variationsInUse(read)));
  const shares = { [on]: share, [safe]: roundedShare(100 - share) };
  const rule = { percentage: shares };
  const after = decisionOf({ ...read, targeting: [], disable: false, defaultRule: rule });
  return {
    text: edited(text, fileName, {
      set: { defaultRule: JSON.stringify(rule) },
      // Rules that are switched off stay; one with an empty query would apply to everyone.
      remove: { disable: 'false', ...(hasCatchAll(read) ? { targeting: '[]' } : {}) },
      addAfter: 'variations',
    }),
    promised: { serves: null, shares },
    after: {
      exposure: share === 0 ? 'nobody' : share === 100 ? 'everyone' : 'some',
      percentage: share,
      serves: null,
      targeting: clipped(summarise(after) ?? '', rule),
      killed: false,
      offMeaning: 'off-value',
    },
    notes: notesOf(read),
  };
}

function notesOf(read: Definition): string[] {
  const notes: string[] = [];
  if (read.defaultRule?.progressiveRollout != null) notes.push('its progressive rollout ends');
  if (read.defaultRule?.percentage == null) {
    const field = read.bucketingKey ? `field ${read.bucketingKey}` : 'targeting key';
    notes.push(`users whom services send no ${field} for get the code's own default`);
  }
  return notes;
}

function hasCatchAll(read: Definition): boolean {
  return (read.targeting ?? []).some((rule) => rule.disable !== true && (rule.query ?? '').trim() === '');
}

function variationsInUse(read: Definition): Readonly<Record<string, number>> {
  const { rest } = decisionOf(read);
  return (rest === undefined ? null : sharesOfRule(rest)) ?? {};
}

function edited(text: string, fileName: string, edits: MemberEdits): string {
  return isYaml(fileName) ? editYaml(text, edits) : editJson(text, edits);
}

function plainOf(key: string, text: string, fileName: string): JsonObject {
  if (!isYaml(fileName)) return JSON.parse(text) as JsonObject;
  try {
    const document = parseDocument(text, YAML_OPTIONS);
    GOFF_GRAMMAR.readYaml?.(document);
    const [plain] = Object.values(document.toJS() as object);
    if (isJsonObject(plain)) return plain;
  } catch {
    // An alias whose far end stands elsewhere in the file.
  }
  throw new ScramError('refused', `the definition of ${key} shares parts with others (anchors, merge keys)`, {
    action: 'Give the flag a definition of its own in the flag file, or set its share by hand.',
  });
}
