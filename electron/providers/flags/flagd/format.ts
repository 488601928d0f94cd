import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import type { DocumentPlace, FlagFormat, OpenDocument, Promised } from '../document/format.ts';
import { isYaml } from '../document/text/flag-file.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { servingOf } from './definition.ts';
import { evaluatorOf, servesEveryone } from './evaluate.ts';
import { checkAll, type FlagFile, openFlagdFile } from './flag-file.ts';
import { killJson } from './json-kill.ts';
import { normalise } from './normalise.ts';
import { percentOf, planRollout } from './rollout.ts';
import { killYaml } from './yaml-kill.ts';

/** flagd's flag files, JSON and YAML. */
export const flagdFormat: FlagFormat = {
  open(place, bytes) {
    return openDocument(place, openFlagdFile(place, bytes));
  },
  planKill(flag, text, fileName) {
    const { safeDefault } = flag;
    if (safeDefault === null) throw noSafeVariant(flag.key, flag.variants);
    return {
      text: isYaml(fileName) ? killYaml(text, safeDefault) : killJson(text, safeDefault),
      promised: { serves: safeDefault, shares: null },
      after: {
        exposure: 'nobody',
        percentage: 0,
        serves: safeDefault,
        targeting: null,
        killed: true,
        offMeaning: 'off-value',
      },
    };
  },
  planRollout,
};

function openDocument({ name }: DocumentPlace, file: FlagFile): OpenDocument {
  return {
    bytes: file.bytes,
    keys: file.keys,
    has: file.has,
    check: () => checkAll(file),
    flag: (key, hints, environment) => normalise(file, key, hints, { environment, name }),
    replaced(changes) {
      const { bytes, definitions } = file.replaced(new Map(changes.map(({ key, text }) => [key, text])));
      for (const { key, promised } of changes) {
        const definition = definitions.get(key);
        if (definition !== undefined) prove(name, file, key, definition, promised);
      }
      return bytes;
    },
  };
}

/** The last look before the disk: flagd itself must serve what was promised, or accept what is put back (B16, B7). */
function prove(name: string, file: FlagFile, key: string, definition: JsonObject, promised: Promised): void {
  const { serves, shares } = promised;
  const rules = servingOf(definition).targeting === null ? {} : file.evaluators;
  if (serves !== null && !servesEveryone(key, definition, rules, serves)) {
    throw unproven(name, key, `serve ${serves} to everyone`);
  }
  if (shares !== null && !servesShares(key, definition, rules, shares)) {
    const parts = Object.entries(shares).map(([variant, share]) => `${variant} to ${share} %`);
    throw unproven(name, key, `serve ${parts.join(' and ')}`);
  }
}

function servesShares(key: string, definition: JsonObject, rules: JsonObject, shares: Record<string, number>): boolean {
  const found = percentOf(definition, rules);
  if (found === null || evaluatorOf(key, definition, rules)('user-1').reason === 'ERROR') return false;
  const names = new Set([...Object.keys(found), ...Object.keys(shares)]);
  return [...names].every((name) => Math.abs((found[name] ?? 0) - (shares[name] ?? 0)) < 0.005);
}

function unproven(name: string, key: string, what: string): ScramError {
  return new ScramError('refused', `${name}: the new definition of ${key} would not ${what}; nothing was written`);
}
