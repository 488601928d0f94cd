import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ScramError } from '../../../../shared/model/error.ts';
import { type FlagType, flagTypeSchema } from '../../../../shared/model/flag.ts';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';
import { typeByName } from '../../../../shared/rules/naming.ts';
import type { ProviderFlag } from '../../../services/flags/provider.ts';

/** What a definition's free metadata says of the flag. */
export function describedBy(
  key: string,
  metadata: JsonObject,
): { description: string | null; type: FlagType | null; owner: string | null; tags: string[] } {
  const type = flagTypeSchema.safeParse(metadata.type);
  return {
    description: words(metadata.description),
    type: type.success ? type.data : typeByName(key),
    owner: words(metadata.owner),
    tags: tagsOf(metadata.tags),
  };
}

function words(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Metadata of some systems holds plain values only, so tags are written `a, b`; a list is read too. */
function tagsOf(value: JsonValue | undefined): string[] {
  const parts = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',') : [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const LONGEST = 200;

/** A line that people can read; two long ones that begin alike are still told apart. */
export function clipped(line: string, whole: JsonValue): string {
  return line.length <= LONGEST
    ? line
    : `${line.slice(0, LONGEST)}… #${hash('sha256', JSON.stringify(whole)).slice(0, 6)}`;
}

/** Systems that split users keep two decimals of a percentage at least. */
export function roundedShare(percentage: number): number {
  return Math.round(percentage * 100) / 100;
}

/** The one variant that gives the feature. `inUse` decides where the flag has more than two. Throws `refused`. */
export function featureVariant(flag: ProviderFlag, safe: string, inUse: readonly (string | null)[]): string {
  const off = flag.variants.find(({ name }) => name === safe)?.value;
  const others = flag.variants.filter(({ value }) => !isDeepStrictEqual(value, off)).map(({ name }) => name);
  const used = others.filter((name) => inUse.includes(name));
  const [on, ...more] = used.length > 0 ? used : others;
  if (on !== undefined && more.length === 0) return on;
  throw new ScramError(
    'refused',
    on === undefined
      ? `no variant of ${flag.key} gives the feature`
      : `${flag.key} gives the feature by more than one variant: ${[on, ...more].join(', ')}`,
    { action: 'Kill it, or change its rules in the flag file.' },
  );
}
