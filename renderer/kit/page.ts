import { create } from 'zustand';
import type { BatchTarget } from '../../shared/model/batch.ts';
import type { Tone } from '../../shared/model/environment.ts';
import { flagId } from '../../shared/model/flag.ts';

/** A flag in one environment: what a kill dialog is opened for. */
export interface KillTarget {
  readonly connection: string;
  readonly key: string;
  readonly environment: string;
}

/** A flag in one environment whose share of users is to be set, and the share now. */
export interface RolloutTarget extends KillTarget {
  readonly percentage: number | null;
}

/** Several flags of one environment that are to be killed together, and how they are called together. */
export interface BulkTarget {
  readonly environment: string;
  readonly target: BatchTarget;
  readonly name: string;
}

/** What a dialog for a new incident is filled in with. */
export interface IncidentDraft {
  readonly title: string;
  readonly services: readonly string[];
  readonly environments: readonly string[];
}

/** A status update that is to be written: about an open incident, or about none. */
export interface StatusTarget {
  readonly incident: string | null;
}

interface FollowedBatch {
  readonly hash: string;
  readonly name: string;
}

interface FlagRef {
  readonly connection: string;
  readonly key: string;
}

export type ThemeChoice = 'system' | 'light' | 'dark' | 'contrast';

export interface PageState {
  /** Chosen environment; null until the back end has named them. */
  readonly environment: string | null;
  readonly tone: Tone;
  readonly theme: ThemeChoice;
  /** The open confirmation. `features/changes` draws it; anyone may ask for it, nobody acts by asking (UI.md). */
  readonly kill: KillTarget | null;
  /** Hash of the change whose undo is asked for. */
  readonly undo: string | null;
  readonly bulk: BulkTarget | null;
  readonly rollout: RolloutTarget | null;
  /** Hash of the request for approval whose change is to be followed up: waited for, then executed. */
  readonly approval: string | null;
  readonly incident: IncidentDraft | null;
  readonly statusUpdate: StatusTarget | null;
  /** Flags that were marked for a bulk kill, by `connection/key`. */
  readonly marked: ReadonlyMap<string, FlagRef>;
  /** Hash of the change that the page follows after it was made. */
  readonly following: string | null;
  /** The bulk kill that the page follows after it was begun: its hash, and how it was called. */
  readonly followingBatch: FollowedBatch | null;
  /** Flag under the cursor of J and K: what X and Enter mean. */
  readonly selected: { readonly connection: string; readonly key: string } | null;
  readonly overlay: 'palette' | 'help' | null;

  chooseEnvironment(environment: string, tone: Tone): void;
  chooseTheme(theme: ThemeChoice): void;
  askKill(target: KillTarget): void;
  askUndo(change: string): void;
  askBulk(target: BulkTarget): void;
  askRollout(target: RolloutTarget): void;
  askApproval(request: string): void;
  askIncident(draft: IncidentDraft): void;
  askStatusUpdate(target: StatusTarget): void;
  toggleMark(flag: FlagRef): void;
  clearMarks(): void;
  follow(change: string | null): void;
  followBatch(batch: FollowedBatch | null): void;
  select(flag: { connection: string; key: string } | null): void;
  openOverlay(overlay: 'palette' | 'help'): void;
  closeDialogs(): void;
}

const THEME_KEY = 'scram.theme';
const ENVIRONMENT_KEY = 'scram.environment';

function isTheme(value: string | null): value is ThemeChoice {
  return value === 'system' || value === 'light' || value === 'dark' || value === 'contrast';
}

/** Storage may be refused by the browser; the page then forgets its choices and works on. */
function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Refused: see above.
  }
}

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const CLOSED = {
  kill: null,
  undo: null,
  bulk: null,
  rollout: null,
  approval: null,
  incident: null,
  statusUpdate: null,
  overlay: null,
} as const;
const NO_MARKS: ReadonlyMap<string, FlagRef> = new Map();

/** A dialog that is still loading counts: what is typed for it must not mean something in the page. */
export function isDialogOpen(state: PageState): boolean {
  return (Object.keys(CLOSED) as (keyof typeof CLOSED)[]).some((dialog) => state[dialog] !== null);
}

/** State of the page itself; what the back end knows is never kept here. */
export const usePage = create<PageState>()((set) => {
  const theme = recall(THEME_KEY);
  return {
    environment: recall(ENVIRONMENT_KEY),
    tone: 'neutral',
    theme: isTheme(theme) ? theme : 'system',
    kill: null,
    undo: null,
    bulk: null,
    rollout: null,
    approval: null,
    incident: null,
    statusUpdate: null,
    marked: NO_MARKS,
    following: null,
    followingBatch: null,
    selected: null,
    overlay: null,
    chooseEnvironment: (environment, tone) =>
      set((state) => {
        if (state.environment === environment) return { tone };
        remember(ENVIRONMENT_KEY, environment);
        // B3: a half-filled confirmation never survives a change of environment.
        return {
          environment,
          tone,
          following: null,
          followingBatch: null,
          selected: null,
          marked: NO_MARKS,
          ...CLOSED,
        };
      }),
    chooseTheme: (next) => {
      remember(THEME_KEY, next);
      set({ theme: next });
    },
    askKill: (kill) => set({ ...CLOSED, kill }),
    askUndo: (undo) => set({ ...CLOSED, undo }),
    askBulk: (bulk) => set({ ...CLOSED, bulk }),
    askRollout: (rollout) => set({ ...CLOSED, rollout }),
    askApproval: (approval) => set({ ...CLOSED, approval }),
    askIncident: (incident) => set({ ...CLOSED, incident }),
    askStatusUpdate: (statusUpdate) => set({ ...CLOSED, statusUpdate }),
    toggleMark: ({ connection, key }) =>
      set(({ marked }) => {
        const next = new Map(marked);
        const id = flagId({ connection, key });
        if (!next.delete(id)) next.set(id, { connection, key });
        return { marked: next };
      }),
    clearMarks: () => set({ marked: NO_MARKS }),
    followBatch: (followingBatch) => set({ followingBatch }),
    follow: (following) => set({ following }),
    select: (selected) => set({ selected }),
    openOverlay: (overlay) => set({ ...CLOSED, overlay }),
    closeDialogs: () => set(CLOSED),
  };
});
