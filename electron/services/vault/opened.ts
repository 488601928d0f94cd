import type { Clock, Disposable } from '../ports.ts';

/** How long a sealed credential that two people opened can be used, milliseconds. */
export const OPENED_FOR_MS = 15 * 60_000;

/** Sealed credentials that two people have opened: in memory alone, and for a limited time (E3). */
export interface OpenedCredentials {
  /** Returns until when, epoch ms. */
  keep(name: string, value: string): number;
  /** Null when it is not open. */
  get(name: string): string | null;
  untilMs(name: string): number | null;
  forget(name: string): void;
  forgetAll(): void;
  onChange(listener: (name: string) => void): Disposable;
  dispose(): void;
}

export function createOpenedCredentials(clock: Clock, registerSecret: (text: string) => void): OpenedCredentials {
  const open = new Map<string, { readonly value: string; readonly untilMs: number; readonly timer: Disposable }>();
  const listeners = new Set<(name: string) => void>();

  function forget(name: string): void {
    const found = open.get(name);
    if (found === undefined) return;
    found.timer.dispose();
    open.delete(name);
    for (const listener of [...listeners]) listener(name);
  }

  function forgetAll(): void {
    for (const name of [...open.keys()]) forget(name);
  }

  /** A timer may come late, after a sleep of the machine: the time itself decides. */
  function valid(name: string): { readonly value: string; readonly untilMs: number } | null {
    const found = open.get(name);
    if (found === undefined) return null;
    if (clock.now() < found.untilMs) return found;
    forget(name);
    return null;
  }

  return {
    keep(name, value) {
      registerSecret(value);
      open.get(name)?.timer.dispose();
      const untilMs = clock.now() + OPENED_FOR_MS;
      open.set(name, { value, untilMs, timer: clock.after(OPENED_FOR_MS, () => forget(name)) });
      for (const listener of [...listeners]) listener(name);
      return untilMs;
    },
    get: (name) => valid(name)?.value ?? null,
    untilMs: (name) => valid(name)?.untilMs ?? null,
    forget,
    forgetAll,
    onChange(listener) {
      const own = (name: string): void => listener(name);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    dispose() {
      forgetAll();
      listeners.clear();
    },
  };
}
