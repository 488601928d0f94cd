import { editYaml } from '../document/text/yaml-edit.ts';

/** Edits the source of one YAML definition (`key: …`) so that it serves `variant` to everyone; keeps all other text. */
export function killYaml(text: string, variant: string): string {
  return editYaml(text, {
    // The variant always in quotes: `off` and `no` are booleans to readers of YAML 1.1.
    set: { state: 'ENABLED', defaultVariant: JSON.stringify(variant) },
    remove: { targeting: '{}' },
    addAfter: 'state',
  });
}
