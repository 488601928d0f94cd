import { hash } from 'node:crypto';

/** Revision of a definition by its exact source. `also` is what decides with it though it stands elsewhere. */
export function textRevision(text: string, also: string | null = null): string {
  return hash('sha256', also === null ? text : `${text}\n${also}`);
}
