/** Address of a flag's page. */
export function flagPath(flag: { readonly connection: string; readonly key: string }): string {
  return `/flags/${encodeURIComponent(flag.connection)}/${encodeURIComponent(flag.key)}`;
}

/** A part of an address that the router has decoded as far as `decodeURI` does. */
export function decodePathPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
