import type { Entry } from '../../../shared/model/entry.ts';
import { type ChangePorts, hashOfChange } from './ports.ts';

/**
 * Whether what another console proposed is what its hash names: else one could write anything under the name of a
 * change that a third proposed, and whoever gets that first would never see the real one (D8). Our own are held against
 * their hash when they are executed.
 */
export function isGenuine(ports: ChangePorts, { body: { device, data } }: Entry): boolean {
  if (device === ports.ledger.device) return true;
  if (data.kind === 'change.proposed') return hashOfChange(ports, data.change) === data.change.hash;
  if (data.kind !== 'batch.proposed') return true;
  const { hash, proposedAtMs: _, ...body } = data.batch;
  return ports.hash(body) === hash;
}

export function* genuineOf(ports: ChangePorts, entries: Iterable<Entry>): Generator<Entry> {
  for (const entry of entries) if (isGenuine(ports, entry)) yield entry;
}
