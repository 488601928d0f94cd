import type { JsonObject, JsonValue } from '../../../shared/model/json.ts';
import { VAULT_FORMAT, VAULT_VERSION, type VaultDocument } from './format.ts';
import { vaultMac } from './mac.ts';

/** The text of the file, sealed by the data key. */
export function writeVault(document: VaultDocument, dataKey: Uint8Array, version = VAULT_VERSION): string {
  const mac = vaultMac(dataKey, document.id);
  try {
    const raw: JsonObject = {
      format: VAULT_FORMAT,
      version,
      id: document.id,
      slots: document.slots.map((slot): JsonValue => ({ ...slot, mac: mac.part('slots', slot) })),
      items: document.items.map((item): JsonValue => ({ ...item })),
      sealed: document.sealed.map((sealed): JsonValue => ({ ...sealed, mac: mac.part('sealed', sealed) })),
    };
    return `${JSON.stringify({ ...raw, mac: mac.whole(raw) }, null, 2)}\n`;
  } finally {
    mac.dispose();
  }
}
