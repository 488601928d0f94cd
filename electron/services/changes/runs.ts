import type { Change } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { ExecuteOptions } from './api.ts';
import { executeChanges } from './execute.ts';
import type { ChangePorts } from './ports.ts';

/** Executions that are under way: who asks for a change that is being executed waits for its result. */
export class Runs {
  readonly #ports: ChangePorts;
  /** By hash, of every service over the same ledger. */
  readonly #running: Map<string, Promise<void>>;
  readonly #own = new Set<Promise<void>>();

  constructor(ports: ChangePorts, running: Map<string, Promise<void>>) {
    this.#ports = ports;
    this.#running = running;
  }

  /** `each` rejects with what kept that change from being accepted, `whole` with what kept all from going on. */
  start(
    changes: readonly Change[],
    options: ExecuteOptions,
  ): { readonly each: ReadonlyMap<string, Promise<void>>; readonly whole: Promise<void> } {
    const ends = new Map(changes.map(({ hash }) => [hash, Promise.withResolvers<void>()]));
    const each = new Map([...ends].map(([hash, { promise }]) => [hash, promise]));
    for (const [hash, promise] of each) {
      this.#running.set(hash, promise);
      promise.catch(() => {}); // Told to whoever waits for it, which may be nobody.
    }
    const end = (hash: string, failure: unknown): void => {
      const own = ends.get(hash);
      ends.delete(hash);
      this.#running.delete(hash);
      if (failure === null) own?.resolve();
      else own?.reject(failure);
    };
    const whole = executeChanges(this.#ports, changes, options, end);
    const run = whole.then(
      () => {
        for (const hash of [...ends.keys()]) end(hash, new ScramError('internal', `change ${hash} has no result`));
      },
      (error: unknown) => {
        for (const hash of [...ends.keys()]) end(hash, error);
      },
    );
    this.#own.add(run);
    void run.finally(() => this.#own.delete(run));
    return { each, whole };
  }

  /** Resolves when nothing that was started here is under way any more; null when nothing is. Never rejects. */
  idle(): Promise<void> | null {
    return this.#own.size === 0 ? null : Promise.all(this.#own).then(() => {});
  }
}
