import type { JsonObject, JsonValue } from '../../../shared/model/json.ts';
import { isJsonObject } from '../../../shared/model/json.ts';

export interface Place {
  readonly device: string;
  readonly sequence: number;
  readonly hash: string;
}

/** A head of a chain, as an entry of some device says that it held it (D10). */
export interface Claim extends Place {
  readonly by: string;
}

/** The heads that an entry vouches for: a countersignature of other chains, or an anchor. */
export function claimsOf(data: JsonObject | null, by: string): Claim[] {
  if (data === null || (data.kind !== 'head.countersigned' && data.kind !== 'anchor.made')) return [];
  const heads: JsonValue = data.heads ?? [];
  if (!Array.isArray(heads)) return [];
  return heads.flatMap((head) => {
    if (!isJsonObject(head)) return [];
    const { device, sequence, hash } = head;
    if (typeof device !== 'string' || typeof sequence !== 'number' || typeof hash !== 'string') return [];
    return [{ device, sequence, hash, by }];
  });
}

/**
 * Whether the chains at hand hold what was claimed. What this device vouched for it had; what others say of this device's
 * own chain it wrote. What others say of one another may merely not have come here yet: that it is missing says nothing.
 */
export function claimProblem(claim: Claim, own: string | null, held: string | null | undefined): string | null {
  const { by } = claim;
  if (held === claim.hash || held === undefined) return null;
  if (held !== null) return `is another than the one that device ${by} countersigned`;
  if (own !== null && by !== own && claim.device !== own) return null;
  return `is missing: the end was cut off after device ${by} had countersigned it`;
}
