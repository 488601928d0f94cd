import { Activity, Flag, HeartPulse, type LucideIcon, ScrollText, Settings } from 'lucide-react';
import type { TextId } from '../messages/index.ts';

export interface View {
  readonly path: string;
  readonly text: TextId;
  readonly icon: LucideIcon;
  /** Key that goes there. */
  readonly digit: string;
  /** The ledger is reached from the status bar. */
  readonly inNavigation: boolean;
}

/** Only what exists: a view that is not built yet has no place here. */
export const VIEWS: readonly View[] = [
  { path: '/now', text: 'shell.nav.now', icon: Activity, digit: '1', inNavigation: true },
  { path: '/flags', text: 'shell.nav.flags', icon: Flag, digit: '2', inNavigation: true },
  { path: '/health', text: 'shell.nav.health', icon: HeartPulse, digit: '3', inNavigation: true },
  { path: '/setup', text: 'shell.nav.setup', icon: Settings, digit: '4', inNavigation: true },
  { path: '/ledger', text: 'shell.nav.ledger', icon: ScrollText, digit: '5', inNavigation: false },
];
