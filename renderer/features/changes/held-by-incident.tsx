import type { ScramError } from '../../../shared/model/error.ts';
import { useStream } from '../../client/index.ts';
import { FreezeOverride } from '../../kit/index.ts';

export interface HeldByIncidentProps {
  readonly error: ScramError;
  /** Of the change that was proposed: it still stands. */
  readonly hash: string;
  readonly environment: string;
  readonly onLetThrough: () => void;
}

/** Where it was an open incident that refused the change: the recorded way past it (D9). */
export function HeldByIncident({ error, hash, environment, onLetThrough }: HeldByIncidentProps) {
  const incidents = useStream('incidents.watch', {}).data?.incidents ?? [];
  // The back end names the incident that holds it; a change that was refused for another reason is not let through.
  const holding = incidents.some(
    ({ closedAtMs, title }) => closedAtMs === null && error.message.includes(`«${title}»`),
  );
  if (error.code !== 'refused' || !holding) return null;
  return <FreezeOverride subject={{ kind: 'change', hash }} environment={environment} onOverridden={onLetThrough} />;
}
