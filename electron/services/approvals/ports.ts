import type { Config } from '../../../shared/model/config/index.ts';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Roster } from '../operators/api.ts';
import type { Clock, Ids, Log } from '../ports.ts';

export type ArmourKind = 'request' | 'decision';

export interface Armourer {
  armour(kind: ArmourKind, value: JsonValue): string;
  /** Throws `invalid-input` saying what is wrong with the text. */
  unarmour(text: string): { kind: string; value: JsonValue };
  checkCodeOf(hash: string): string;
  qrOf(text: string): boolean[][] | null;
}

/** What approvals need; `compose/services.ts` gives it. */
export interface ApprovalPorts {
  readonly ledger: Ledger;
  readonly roster: () => Roster;
  readonly policy: Config['policy'];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly hash: (value: unknown) => string;
  /** What policy asks for the change as things are now: the stricter of this and what it was previewed with counts. */
  readonly demandNow: (change: Change) => PolicyDemand;
  readonly armourer: Armourer;
}
