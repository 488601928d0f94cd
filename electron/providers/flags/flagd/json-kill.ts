import { editJson } from '../document/text/json-edit.ts';

/** Edits the source of one JSON definition so that it serves `variant` to everyone; keeps every other byte. */
export function killJson(text: string, variant: string): string {
  return editJson(text, {
    set: { state: '"ENABLED"', defaultVariant: JSON.stringify(variant) },
    remove: { targeting: '{}' },
    addAfter: 'state',
  });
}
