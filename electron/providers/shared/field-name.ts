import type { z } from 'zod';

/** Writes a zod path as `features[3].name`. */
export function fieldName(path: readonly PropertyKey[]): string {
  let name = '';
  for (const part of path) {
    if (typeof part === 'number') name += `[${part}]`;
    else name += name === '' ? String(part) : `.${String(part)}`;
  }
  return name === '' ? 'the answer' : name;
}

/** What does not fit, in words: the field, and what was expected of it. */
export function mismatch(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'the answer does not fit' : `${fieldName(issue.path)}: ${issue.message}`;
}
