/** etcd's JSON gateway carries keys and values in base64. */
export function encode(key: string | Buffer): string {
  return Buffer.from(key as string).toString('base64');
}

/** The end of the range of all keys with this prefix: its last byte that can be raised, raised (etcd API, "Key ranges"). */
export function endOfPrefix(prefix: string): string {
  const bytes = Buffer.from(prefix, 'utf8');
  let last = bytes.length - 1;
  while (last >= 0 && bytes[last] === 0xff) last -= 1;
  // Nothing but 0xff: to the end of all keys.
  if (last < 0) return encode(Buffer.from([0]));
  const end = Buffer.from(bytes.subarray(0, last + 1));
  end[last] = (end[last] ?? 0) + 1;
  return encode(end);
}

/** The key right after this one. */
export function afterKey(base64: string): string {
  return encode(Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from([0])]));
}
