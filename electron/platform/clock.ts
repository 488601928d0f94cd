import type { Clock, Disposable, Log } from '../services/ports.ts';

/** Longest delay that a Node timer can hold; longer ones would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. Timers never keep the process alive, and what they throw goes to the log. */
export function systemClock(log: Log): Clock {
  const report = (error: unknown) =>
    log.error('timer-failed', { error: error instanceof Error ? error.message : String(error) });

  function after(delayMs: number, run: () => void | Promise<void>): Disposable {
    const timer = setTimeout(
      () => {
        try {
          // A rejection that nobody hears would end the process.
          run()?.catch(report);
        } catch (error) {
          report(error);
        }
      },
      Math.min(Math.max(delayMs, 0), MAX_DELAY_MS),
    );
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  }

  function every(periodMs: number, run: () => void | Promise<void>): Disposable {
    let disposed = false;
    let pending: Disposable | null = null;
    const next = () => {
      if (!disposed) pending = after(periodMs, () => void round());
    };
    const round = async () => {
      try {
        await run();
      } catch (error) {
        report(error);
      }
      next();
    };
    next();
    return {
      dispose() {
        disposed = true;
        pending?.dispose();
      },
    };
  }

  return { now: () => Date.now(), after, every };
}
