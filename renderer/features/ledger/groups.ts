import {
  Activity,
  ArrowLeftRight,
  CircleCheck,
  Flag,
  type LucideIcon,
  MonitorCog,
  Siren,
  UserRound,
} from 'lucide-react';
import type { EntryKind } from '../../../shared/model/entry.ts';

/** What the record is narrowed down to; each kind of entry belongs to exactly one. */
export type Group = 'changes' | 'approvals' | 'people' | 'incidents' | 'flags' | 'consoles';

export const GROUP_KINDS: Readonly<Record<Group, readonly EntryKind[]>> = {
  changes: [
    'change.proposed',
    'change.intent',
    'change.result',
    'change.served',
    'change.observed',
    'change.recovery',
    'change.provider-approval',
    'batch.proposed',
    'batch.began',
    'batch.ended',
  ],
  approvals: [
    'approval.requested',
    'approval.decided',
    'approval.imported',
    'approval.ended',
    'breakglass.opened',
    'breakglass.ended',
    'breakglass.reviewed',
  ],
  people: [
    'operator.unlocked',
    'operator.locked',
    'operator.unlock-failed',
    'operator.enrolled',
    'operator.removed',
    'roster.pinned',
    'roster.accepted',
    'roster.refused',
    'credential.set',
    'credential.removed',
    'credential.sealed',
    'credential.opened',
    'credential.share-given',
    'vault.problem',
  ],
  incidents: [
    'incident.opened',
    'incident.closed',
    'freeze.overridden',
    'note.added',
    'breach.began',
    'breach.ended',
    'notify.sent',
  ],
  flags: ['flag.seen-changed', 'drift.began', 'drift.ended'],
  consoles: [
    'device.created',
    'console.started',
    'config.loaded',
    'head.countersigned',
    'anchor.made',
    'entry.redacted',
    'redacted',
    'segment.sealed',
    'chain.quarantined',
  ],
};

export const GROUPS = Object.keys(GROUP_KINDS) as readonly Group[];

const GROUP_OF = new Map<EntryKind, Group>(
  GROUPS.flatMap((group) => GROUP_KINDS[group].map((kind): [EntryKind, Group] => [kind, group])),
);

/** A kind that this page does not know yet is the console's own business. */
export function groupOf(kind: EntryKind): Group {
  return GROUP_OF.get(kind) ?? 'consoles';
}

export const GROUP_ICONS: Readonly<Record<Group, LucideIcon>> = {
  changes: ArrowLeftRight,
  approvals: CircleCheck,
  people: UserRound,
  incidents: Siren,
  flags: Flag,
  consoles: MonitorCog,
};

/** What was measured rather than done has its own sign among the incidents. */
export function iconOf(kind: EntryKind): LucideIcon {
  return kind === 'breach.began' || kind === 'breach.ended' ? Activity : GROUP_ICONS[groupOf(kind)];
}
