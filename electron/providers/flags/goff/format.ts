import { isDeepStrictEqual } from 'node:util';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { clipped, describedBy } from '../document/flag-parts.ts';
import type { DocumentPlace, FlagFormat, OpenDocument, Promised } from '../document/format.ts';
import { textRevision } from '../document/revision.ts';
import { type FlagFile, openTextFile } from '../document/text/flag-file.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import { type Definition, GOFF_GRAMMAR, readDefinition } from './definition.ts';
import { planKill, planRollout } from './plan.ts';
import {
  type Decision,
  decisionOf,
  sameShares,
  servesEveryone,
  sharesOfAll,
  sharesOfRule,
  summarise,
} from './serving.ts';

/** GO Feature Flag's flag files, YAML and JSON. */
export const goffFormat: FlagFormat = {
  open(place, bytes) {
    if (/\.toml$/i.test(place.fileName)) {
      throw new ScramError('refused', `${place.name}: flag files in TOML are not read`, {
        action: 'Write the flag file as YAML or JSON, which GO Feature Flag reads as well.',
      });
    }
    return openDocument(place, openTextFile(place, bytes, GOFF_GRAMMAR));
  },
  planKill,
  planRollout,
};

function openDocument({ name }: DocumentPlace, file: FlagFile): OpenDocument {
  return {
    bytes: file.bytes,
    keys: file.keys,
    has: file.has,
    check() {
      for (const key of file.keys) file.read(key);
    },
    flag: (key, hints, environment) => normalise(file, key, hints, environment, name),
    replaced(changes) {
      const { bytes, definitions } = file.replaced(new Map(changes.map(({ key, text }) => [key, text])));
      for (const { key, promised } of changes) {
        const definition = definitions.get(key);
        if (definition !== undefined) prove(name, key, readDefinition(definition), promised);
      }
      return bytes;
    },
  };
}

function normalise(
  file: FlagFile,
  key: string,
  hints: FlagHints,
  environment: string,
  providerEnvironment: string,
): ProviderFlag {
  const { text, definition } = file.read(key);
  const read = readDefinition(definition);
  const variations: JsonObject = read.variations ?? {};
  const safeDefault = safeVariant(variations, hints);
  // Parts that stand elsewhere (YAML's `*name`) change the definition without changing its text (B2).
  const aliased = file.syntax === 'yaml' && /[\s:[{,]\*[^\s,[\]{}]/.test(text);
  return {
    key,
    environment,
    providerEnvironment,
    state: {
      ...stateOf(read, variations, safeDefault),
      revision: textRevision(text, aliased ? JSON.stringify(definition) : null),
    },
    variants: Object.entries(variations).map(([variant, value]) => ({ name: variant, value })),
    safeDefault,
    ...describedBy(key, read.metadata ?? {}),
    stale: false,
    lastSeenAtMs: null,
    changedAtMs: null,
    changedBy: null,
    definition: { text },
  };
}

function stateOf(read: Definition, variations: JsonObject, safe: string | null): Omit<FlagState, 'revision'> {
  const decision = decisionOf(read);
  const line = decision.codeDefault ?? summarise(decision);
  const state = {
    serves: servesWithoutRule(decision),
    targeting: line === null || line === 'disabled' ? null : clipped(line, JSON.stringify(read)),
    killed: false,
    offMeaning: 'off-value' as const,
  };
  if (decision.codeDefault !== null) {
    return { ...state, serves: null, offMeaning: 'code-default', exposure: 'code-default', percentage: null };
  }
  const unknown = { ...state, exposure: 'unknown' as const, percentage: null };
  if (safe === null || decision.timed.length > 0 || decision.rest === undefined) return unknown;
  const onShare = (shares: Readonly<Record<string, number>>) =>
    Object.entries(shares)
      .filter(([name]) => !isDeepStrictEqual(variations[name], variations[safe]))
      .reduce((sum, [, share]) => sum + share, 0);
  const all = sharesOfAll(decision);
  const rest = all ?? sharesOfRule(decision.rest);
  if (rest === null) return { ...state, exposure: 'some', percentage: null };
  const percentage = Math.round(onShare(rest) * 100) / 100;
  if (all === null) return { ...state, exposure: 'some', percentage };
  if (percentage > 0) return { ...state, exposure: percentage === 100 ? 'everyone' : 'some', percentage };
  // Percentages ask for a key to split users by, and who sends none gets the code's default: that is not everyone.
  const [only] = Object.keys(all);
  const killed = Object.keys(all).length === 1 && only !== undefined && decision.rest.percentage == null;
  return { ...state, exposure: 'nobody', percentage: 0, killed: killed && servesEveryone(read, only) };
}

/** The variation of those whom no rule applies to; null when they are split, or get the code's default. */
function servesWithoutRule({ rest }: Decision): string | null {
  const shares = rest === undefined || rest.percentage != null ? null : sharesOfRule(rest);
  return shares === null ? null : (Object.keys(shares)[0] ?? null);
}

/** The last look before the disk: the definition must serve what was promised, or be one that is accepted (B16, B7). */
function prove(name: string, key: string, read: Definition, { serves, shares }: Promised): void {
  const found = sharesOfAll(decisionOf(read));
  const good =
    (serves === null || servesEveryone(read, serves)) &&
    (shares === null || (found !== null && sameShares(found, shares)));
  if (good) return;
  throw new ScramError(
    'refused',
    `${name}: the new definition of ${key} would not serve what was promised; nothing was written`,
  );
}
