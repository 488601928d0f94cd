import type { Change } from '../../../shared/model/change.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import { takesAway } from '../../../shared/rules/policy.ts';
import { isVouched } from '../../../shared/rules/vouched.ts';
import type { Actor } from '../signing/actor.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Ids } from '../ports.ts';
import type { Roster } from '../operators/api.ts';
import type { IncidentService } from './api.ts';

/** Closed incidents are listed for this long, milliseconds. */
const KINDS = ['incident.opened', 'incident.closed', 'freeze.overridden'] as const;
const LISTED_MS = 7 * 24 * 3_600_000;

export interface IncidentPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly environments: readonly string[];
  readonly roster: () => Roster;
  /** Hashes of the bulk kills that a change is of. */
  readonly batchesOf: (change: string) => readonly string[];
}

/** Open incidents hold every change but mitigations, for their services and environments (D9). */
export function createIncidentService(ports: IncidentPorts): IncidentService & { dispose(): void } {
  const { ledger, clock, ids } = ports;
  const incidents = new Map<string, Incident>();
  /** What is about an incident and came before it: a clock that is behind orders a record so. */
  const early = new Map<string, Entry[]>();
  /** Subjects that were let through, by incident. */
  const overrides = new Map<string, Set<string>>();
  const listeners = new Set<() => void>();
  for (const entry of ledger.of(KINDS)) apply(entry);
  const following = ledger.onAppend((entry) => {
    if (apply(entry)) for (const listener of [...listeners]) listener();
  });

  function apply(entry: Entry): boolean {
    const { data, atMs, by } = entry.body;
    const counts = (sinceMs = 0): boolean => isVouched(ports.roster(), ledger.device, entry.body, 'act', sinceMs);
    switch (data.kind) {
      case 'incident.opened': {
        const { incident } = data;
        if (incidents.has(incident.id) || !counts()) return false;
        incidents.set(incident.id, { ...incident, openedBy: by?.operator ?? null, closedAtMs: null, closedBy: null });
        const waiting = early.get(incident.id) ?? [];
        early.delete(incident.id);
        for (const one of waiting) apply(one);
        return true;
      }
      case 'incident.closed': {
        const found = incidents.get(data.id);
        if (found === undefined) return keepEarly(data.id, entry);
        if (found.closedAtMs !== null || !counts(found.openedAtMs)) return false;
        incidents.set(data.id, { ...found, closedAtMs: atMs, closedBy: by?.operator ?? null });
        return true;
      }
      case 'freeze.overridden': {
        const found = incidents.get(data.incident);
        if (found === undefined) return keepEarly(data.incident, entry);
        if (!counts(found.openedAtMs)) return false;
        const passed = overrides.get(data.incident) ?? new Set();
        overrides.set(data.incident, passed.add(data.subject.hash));
        return true;
      }
      default:
        return false;
    }
  }

  function keepEarly(id: string, entry: Entry): false {
    early.set(id, [...(early.get(id) ?? []), entry]);
    return false;
  }

  function required(id: string): Incident {
    const found = incidents.get(id);
    if (found === undefined) throw new ScramError('not-found', `there is no incident ${id}`);
    return found;
  }

  function heldBy({ hash, payload }: Change): Incident | null {
    if (takesAway(payload)) return null;
    for (const incident of incidents.values()) {
      if (incident.closedAtMs !== null || !incident.environments.includes(payload.environment)) continue;
      const { services } = incident;
      if (services.length > 0 && !payload.affectedServices.some((service) => services.includes(service))) continue;
      const passed = overrides.get(incident.id);
      if (passed?.has(hash) || ports.batchesOf(hash).some((batch) => passed?.has(batch))) continue;
      return incident;
    }
    return null;
  }

  return {
    heldBy,
    list() {
      const since = clock.now() - LISTED_MS;
      const all = [...incidents.values()].filter(({ closedAtMs }) => closedAtMs === null || closedAtMs >= since);
      const order = ({ closedAtMs, openedAtMs }: Incident): number => (closedAtMs === null ? 1e15 : 0) + openedAtMs;
      return all.toSorted((a, b) => order(b) - order(a));
    },
    onChange(listener) {
      const own = () => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    open({ title, services, environments }, actor: Actor | null) {
      const unknown = environments.find((name) => !ports.environments.includes(name));
      if (unknown !== undefined) {
        throw new ScramError('not-found', `no environment ${unknown}`, {
          action: `there are ${ports.environments.join(', ')}`,
        });
      }
      const incident: Incident = {
        id: ids.next(),
        title,
        services: [...services],
        environments: [...environments],
        openedAtMs: clock.now(),
        openedBy: actor?.person.operator ?? null,
        closedAtMs: null,
        closedBy: null,
      };
      ledger.append({ kind: 'incident.opened', incident }, actor);
      return incident;
    },
    close(id, note, actor) {
      if (required(id).closedAtMs !== null) throw new ScramError('conflict', 'the incident is closed already');
      ledger.append({ kind: 'incident.closed', id, note }, actor);
    },
    note(incident, text, actor) {
      if (incident !== null) required(incident);
      ledger.append({ kind: 'note.added', text, incident }, actor);
    },
    override(subject, reason, actor) {
      const open = [...incidents.values()].filter(({ closedAtMs }) => closedAtMs === null);
      if (open.length === 0) throw new ScramError('refused', 'no incident is open: nothing holds the change');
      ledger.appendAll(
        open.map(({ id }) => ({ kind: 'freeze.overridden', incident: id, subject, reason })),
        actor,
      );
    },
    dispose() {
      following.dispose();
      listeners.clear();
    },
  };
}
