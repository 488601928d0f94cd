import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../../../shared/model/json.ts';
import { canonicalText } from '../signing/canonical.ts';
import type { Section } from './format.ts';

/** Seals the file as a whole and, beside that, each part that GCM does not cover. */
export interface VaultMac {
  whole(document: JsonObject): string;
  part(section: Section, part: JsonObject): string;
  wholeFits(document: JsonObject, mac: unknown): boolean;
  partFits(section: Section, part: JsonObject, mac: unknown): boolean;
  dispose(): void;
}

/** HMAC-SHA256 over canonical JSON, by a key derived from the data key (HKDF-SHA256, the vault's id as salt). */
export function vaultMac(dataKey: Uint8Array, id: string): VaultMac {
  const key = Buffer.from(hkdfSync('sha256', dataKey, id, 'scram-vault-mac-v1', 32));
  const macOf = (value: unknown) => createHmac('sha256', key).update(canonicalText(value)).digest('base64url');
  const whole = (document: JsonObject) => macOf(['scram-vault-whole-v1', id, document]);
  const part = (section: Section, value: JsonObject) => macOf(['scram-vault-part-v1', id, section, value]);
  return {
    whole,
    part,
    wholeFits: (document, mac) => fits(() => whole(document), mac),
    partFits: (section, value, mac) => fits(() => part(section, value), mac),
    dispose: () => void key.fill(0),
  };
}

function fits(compute: () => string, mac: unknown): boolean {
  if (typeof mac !== 'string') return false;
  try {
    const expected = Buffer.from(compute());
    const given = Buffer.from(mac);
    return expected.length === given.length && timingSafeEqual(expected, given);
  } catch {
    // What JSON cannot carry (numbers without end, lone surrogates) was never sealed by us.
    return false;
  }
}
