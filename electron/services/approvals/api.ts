import type {
  ApprovalItem,
  ApprovalsState,
  ApprovalSubject,
  Armoured,
  BreakGlassItem,
} from '../../../shared/model/approval.ts';
import type { Change, PolicyDemand } from '../../../shared/model/change.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';

/** What lets a change run where policy asks for two people. */
export interface Permit {
  readonly decision?: string;
  readonly breakGlass?: string;
}

/** What the change pipeline asks before it executes anything: pure reading, no side effect. */
export interface FourEyes {
  /**
   * The permit for one change, alone or as one of a batch, or why there is none (D1, D11). Held against the roster and
   * the clock as they are now: a revoked key, an expiry, another device, a used approval are all found here. `batch`: the
   * bulk kill that is to begin. What was approved as a whole is begun as a whole.
   */
  permitFor(change: Change, demand: PolicyDemand, actor: Actor | null, batch?: string): Permit | ScramError;
  /** Why the person may not make or ask for such a change (D5): locked, a key not in force, a role; null when they may. */
  whyNotMake(demand: PolicyDemand, actor: Actor | null): ScramError | null;
}

export interface ApprovalService extends FourEyes {
  state(actor: Actor | null): ApprovalsState;
  item(request: string): ApprovalItem | null;
  onChange(listener: () => void): Disposable;
  /** Throws `not-found`, `refused` (policy asks for one person, or the requester's role may not), `expired`. */
  request(subject: ApprovalSubject, actor: Actor): ApprovalItem;
  withdraw(request: string, actor: Actor): void;
  /** Throws `forbidden` (own request, same person on another device, role), `expired`, `conflict` (ended, moved). */
  decide(request: string, decision: 'approve' | 'refuse', reason: string, actor: Actor): ApprovalItem;
  export(request: string, what: 'request' | 'decision'): Armoured;
  import(text: string, actor: Actor | null): { kind: 'request' | 'decision'; item: ApprovalItem };
  breakGlass(environment: string, reason: string, actor: Actor): BreakGlassItem;
  endBreakGlass(id: string, actor: Actor): void;
  reviewBreakGlass(id: string, verdict: 'accepted' | 'contested', note: string, actor: Actor): void;
  glass(): readonly BreakGlassItem[];
  dispose(): void;
}
