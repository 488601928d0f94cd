import {
  Activity,
  Flag,
  GitCompareArrows,
  HeartPulse,
  type LucideIcon,
  ScrollText,
  Settings,
  Siren,
  UserRoundCheck,
} from 'lucide-react';
import type { TextId } from '../messages/index.ts';

export interface View {
  readonly path: string;
  readonly text: TextId;
  readonly icon: LucideIcon;
  /** Key that goes there: a digit, or a letter where one is fixed (UI.md). */
  readonly digit: string;
  /** The ledger is reached from the status bar, drift from Health. */
  readonly inNavigation: boolean;
}

/** Only what exists: a view that is not built yet has no place here. */
export const VIEWS: readonly View[] = [
  { path: '/now', text: 'shell.nav.now', icon: Activity, digit: '1', inNavigation: true },
  { path: '/flags', text: 'shell.nav.flags', icon: Flag, digit: '2', inNavigation: true },
  { path: '/incidents', text: 'shell.nav.incidents', icon: Siren, digit: '7', inNavigation: true },
  { path: '/approvals', text: 'shell.nav.approvals', icon: UserRoundCheck, digit: 'a', inNavigation: true },
  { path: '/health', text: 'shell.nav.health', icon: HeartPulse, digit: '3', inNavigation: true },
  { path: '/setup', text: 'shell.nav.setup', icon: Settings, digit: '4', inNavigation: true },
  { path: '/drift', text: 'shell.nav.drift', icon: GitCompareArrows, digit: '6', inNavigation: false },
  { path: '/ledger', text: 'shell.nav.ledger', icon: ScrollText, digit: '5', inNavigation: false },
];
