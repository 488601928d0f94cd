import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked whether there is something to give back. */
const LOOK_MS = 2_000;
/** Share of that time in which the process may have been busy and still counts as idle. */
const IDLE_SHARE = 0.2;
/** Growth of resident memory since the last collection that is worth a pause of some 50 ms. */
const WORTH_BYTES = 24 * 1024 * 1024;

/** V8's own collector, asked for one that gives pages back to the system. */
type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Keeps the memory of a long-lived console small (H4). V8 doubles the space for young objects under load, to 64 MB and
 * more; from here on it stays as large as the start needed. And memory is given back when nothing goes on: reading
 * 50,000 flags leaves more than 100 MB of pages behind, and V8 collects only when a program allocates, so that a console
 * that waits for the next incident would keep them for days.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: Collect = runInNewContext('gc');
  let keptBytes = 0;
  let before = performance.eventLoopUtilization();
  const look = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE_SHARE || process.memoryUsage.rss() < keptBytes + WORTH_BYTES) return;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    keptBytes = process.memoryUsage.rss();
    before = performance.eventLoopUtilization();
  }, LOOK_MS);
  look.unref();
}
