/** Every `credential` that a part of the configuration names, wherever it stands, each once. */
export function credentialsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = Array.isArray(value)
    ? value.flatMap(credentialsIn)
    : Object.entries(value).flatMap(([name, inner]) =>
        name === 'credential' && typeof inner === 'string' ? [inner] : credentialsIn(inner),
      );
  return [...new Set(found)];
}
