const SECRET_KEY = /credential|secret|passw|passphrase|token|api-?key|private-?key|authorization/i;
const LONGEST = 80;

/**
 * A value of the file as a problem may show it: one line, shortened, and never a secret (E2). Null for what sits under
 * a key that names a secret: what stands there by mistake may be the secret itself.
 */
export function showValue(value: unknown, path: readonly PropertyKey[]): string | null {
  if (path.some((part) => typeof part === 'string' && SECRET_KEY.test(part))) return null;
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0 ? '{}' : shorten(`{ ${keys.join(', ')} }`);
  }
  return shorten(redact(String(value)).replaceAll(/\s+/g, ' '));
}

/** Takes user and password out of addresses, and tokens out of their query. */
export function redact(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:)?\/\/[^\s]*@/gi, (found) => `${found.slice(0, found.indexOf('//'))}//(hidden)@`)
    .replaceAll(/[^\s/@:]+:[^\s/@]+@/g, '(hidden)@')
    .replaceAll(/\b(bearer|basic)\s+\S+/gi, '$1 (hidden)')
    .replaceAll(/([?&][^=&\s]*(?:token|key|secret|passw)[^=&\s]*=)[^&\s]*/gi, '$1(hidden)');
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
