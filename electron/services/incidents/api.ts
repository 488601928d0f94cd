import type { ApprovalSubject } from '../../../shared/model/approval.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';

/** Incidents, and the freeze that an open one brings (D9). */
export interface IncidentService {
  /** Open ones first, newest first; closed ones of the last week. */
  list(): readonly Incident[];
  onChange(listener: () => void): Disposable;
  open(
    what: { title: string; services: readonly string[]; environments: readonly string[] },
    actor: Actor | null,
  ): Incident;
  close(id: string, note: string, actor: Actor | null): void;
  note(incident: string | null, text: string, actor: Actor | null): void;
  override(subject: ApprovalSubject, reason: string, actor: Actor | null): void;
  /** The open incident that holds the change, unless it is a mitigation or was let through; null when none does. */
  heldBy(change: Change): Incident | null;
}
