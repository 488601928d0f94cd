import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Disposable } from '../../services/ports.ts';
import type { ServiceSet } from '../backend.ts';

/** Throws `not-found` with the names that exist. */
export function requireEnvironment(services: ServiceSet, name: string): void {
  if (services.environments.some((environment) => environment.name === name)) return;
  const names = services.environments.map((environment) => environment.name).join(', ');
  throw new ScramError('not-found', `there is no environment ${name}`, { action: `Choose one of: ${names}` });
}

export function disposeAll(...disposables: readonly Disposable[]): Disposable {
  return {
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

/** Runs once, `delayMs` after the first of a burst of calls. */
export function coalesce(clock: Clock, delayMs: number, run: () => void): Disposable & { trigger(): void } {
  let pending: Disposable | null = null;
  return {
    trigger() {
      pending ??= clock.after(delayMs, () => {
        pending = null;
        run();
      });
    },
    dispose() {
      pending?.dispose();
      pending = null;
    },
  };
}
