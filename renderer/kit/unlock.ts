import { create } from 'zustand';

export interface UnlockState {
  /** The dialog "Unlock" is asked for. `features/people` draws it; anyone may ask for it. */
  readonly asked: boolean;
  /** Resolves with whether the console was unlocked: true, go on with what was asked; false, it was left locked. */
  ask(): Promise<boolean>;
  answer(unlocked: boolean): void;
}

/** Everybody who waits for the one dialog; kept out of the state, which is only what is drawn. */
let waiting: ((unlocked: boolean) => void)[] = [];

/** Whoever meets a locked console asks here and goes on where they stopped (D5). */
export const useUnlock = create<UnlockState>()((set) => ({
  asked: false,
  ask: () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      set({ asked: true });
    }),
  answer: (unlocked) => {
    const answered = waiting;
    waiting = [];
    set({ asked: false });
    for (const resolve of answered) resolve(unlocked);
  },
}));
