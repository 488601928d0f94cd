import type { Incident } from '../../../shared/model/incident.ts';

/** Open incidents of an environment: what holds its changes (D9). */
export function openIn(incidents: readonly Incident[], environment: string): Incident[] {
  return incidents.filter(({ closedAtMs, environments }) => closedAtMs === null && environments.includes(environment));
}
