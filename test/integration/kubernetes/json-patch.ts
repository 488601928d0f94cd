type Json = unknown;
interface Step {
  op: string;
  path: string;
  value?: Json;
}

/** JSON Patch (RFC 6902): add, replace, remove, test. Throws what does not apply. */
export function applyPatch(document: Json, steps: readonly Step[]): Json {
  const result = structuredClone(document);
  for (const { op, path, value } of steps) {
    const parts = path
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const name = parts.pop() ?? '';
    const parent = parts.reduce<Json>((at, part) => {
      const next = at !== null && typeof at === 'object' ? (at as Record<string, Json>)[part] : undefined;
      if (next === undefined) throw new Error(`${op} operation does not apply: doc is missing path: ${path}`);
      return next;
    }, result) as Record<string, Json>;
    const there = Object.hasOwn(parent, name);
    if (op !== 'add' && !there) throw new Error(`${op} operation does not apply: doc is missing key: ${path}`);
    if (op === 'add' || op === 'replace') parent[name] = value;
    else if (op === 'remove') delete parent[name];
    else if (op === 'test') {
      if (JSON.stringify(parent[name]) !== JSON.stringify(value)) throw new Error(`testing value ${path} failed`);
    } else throw new Error(`Unexpected kind: ${op}`);
  }
  return result;
}
