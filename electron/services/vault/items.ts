import { canonicalText } from '../signing/canonical.ts';
import { decrypt, encrypt } from './encrypt.ts';
import type { Item } from './format.ts';

type ItemHead = Pick<Item, 'kind' | 'name' | 'revision' | 'setAtMs'>;

export function encryptItem(dataKey: Uint8Array, id: string, head: ItemHead, value: string): Item {
  const plain = Buffer.from(value, 'utf8');
  try {
    return { ...head, ...encrypt(dataKey, plain, contextOf(id, head)) };
  } finally {
    plain.fill(0);
  }
}

/** Null when the item belongs to another vault, name or revision, or was changed. */
export function decryptItem(dataKey: Uint8Array, id: string, item: Item): string | null {
  const plain = decrypt(dataKey, item, contextOf(id, item));
  if (plain === null) return null;
  try {
    return plain.toString('utf8');
  } finally {
    plain.fill(0);
  }
}

function contextOf(id: string, { kind, name, revision, setAtMs }: ItemHead): string {
  return canonicalText(['scram-vault-item-v1', id, kind, name, revision, setAtMs]);
}
