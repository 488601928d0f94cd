import type { JsonObject } from '../../../shared/model/json.ts';
import type { Section } from './format.ts';

/**
 * Brings a vault from the version before to `version`, part by part, so that a part that is damaged does not hold up
 * the others. It sees no key: what is encrypted stays as it is. Once released, a migration never changes, and it
 * imports nothing that may.
 */
export interface VaultMigration {
  readonly version: number;
  readonly migrate: Readonly<Record<Section, (part: JsonObject) => JsonObject>>;
}

/** None yet: version 1 is the first. */
export const MIGRATIONS: readonly VaultMigration[] = [];

/** Brings one part from `version` to the newest. A part that a migration cannot take is null, as a damaged one is. */
export function migratePart(
  section: Section,
  part: JsonObject,
  version: number,
  migrations: readonly VaultMigration[],
): JsonObject | null {
  const steps = migrations.filter((step) => step.version > version).sort((a, b) => a.version - b.version);
  try {
    return steps.reduce((value, step) => step.migrate[section](value), part);
  } catch {
    return null;
  }
}
