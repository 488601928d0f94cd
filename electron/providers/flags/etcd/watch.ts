import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock, Disposable, Log } from '../../../services/ports.ts';
import { watchSchema } from './answers.ts';
import type { EtcdClient } from './client.ts';

export interface WatchRange {
  readonly key: string;
  readonly range_end?: string;
}

export interface EtcdWatcher {
  /** Calls back with the index of the range in which something changed. */
  watch(ranges: readonly WatchRange[], onChange: (index: number) => void): Disposable;
  dispose(): void;
}

export interface WatcherOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly log: Log;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** Watches by `/v3/watch`; after a break it goes on at the revision it had come to, so that nothing is missed. */
export function createEtcdWatcher({ client, clock, log }: WatcherOptions): EtcdWatcher {
  const open = new Set<Disposable>();

  function watchOne(range: WatchRange, onChange: () => void): Disposable {
    const stop = new AbortController();
    let next: bigint | null = null;
    let failures = 0;
    let retry: Disposable | null = null;

    /** True to go on at once, from `next` or from now on. */
    function take(line: string): boolean {
      const read = watchSchema.safeParse(JSON.parse(line));
      if (!read.success) throw new ScramError('provider', `etcd's watch failed: ${line.slice(0, 200)}`);
      const {
        header,
        created,
        canceled,
        cancel_reason: reason,
        compact_revision: compacted,
        events,
      } = read.data.result;
      if (canceled) {
        if (compacted === '0') throw new ScramError('provider', `the watch was ended: ${reason}`);
        // What happened in between was thrown away: it is read anew, and the watch goes on from now.
        next = null;
        onChange();
        return true;
      }
      failures = 0;
      // Without a revision to go on from, a change may have come before the watch stood.
      if (created && next === null) onChange();
      // The header may be ahead of the events that were delivered so far.
      const last = BigInt(events.at(-1)?.kv.mod_revision ?? header.revision);
      if (!created || next === null) next = last + 1n;
      if (events.length > 0) onChange();
      return false;
    }

    async function run(): Promise<void> {
      try {
        const create = { ...range, ...(next === null ? {} : { start_revision: String(next) }) };
        const json = { create_request: create };
        const lines = client.lines({ path: '/v3/watch', json, what: 'watching', signal: stop.signal });
        for await (const line of lines) {
          if (stop.signal.aborted) return;
          if (take(line)) break;
        }
        again(failures === 0 ? 0 : undefined);
      } catch (error) {
        if (stop.signal.aborted) return;
        client.forget();
        failures += 1;
        // Once for a row of failures: the connection's status tells the rest.
        if (failures === 2) log.warn('etcd.watch-broken', { problem: wordsOf(error) });
        again();
      }
    }

    function again(waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10))): void {
      if (!stop.signal.aborted) retry = clock.after(waitMs, run);
    }

    void run();
    return {
      dispose() {
        stop.abort();
        retry?.dispose();
      },
    };
  }

  return {
    watch(ranges, onChange) {
      const own = ranges.map((range, index) => watchOne(range, () => onChange(index)));
      const handle = {
        dispose() {
          open.delete(handle);
          for (const watch of own) watch.dispose();
        },
      };
      open.add(handle);
      return handle;
    },
    dispose() {
      for (const watch of open) watch.dispose();
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof ScramError ? error.message : 'unexpected error';
}
