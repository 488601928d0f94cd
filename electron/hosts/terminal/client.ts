import type { CallName, DeltaOf, InputOf, OutputOf, SnapshotOf, StreamName } from '../../../shared/contract/index.ts';

/** What a command talks to: the console that holds the data folder, over its socket, or one started for the command. */
export interface ConsoleClient {
  /** `attached`: another process holds the data folder. */
  readonly mode: 'attached' | 'own';
  call<K extends CallName>(op: K, input: InputOf<K>): Promise<OutputOf<K>>;
  /**
   * Listens until `done` says so, then ends the stream; resolves with what it was last given. Gives up after `limitMs`
   * with what there is. Streams whose deltas replace the snapshot only.
   */
  watch<K extends StreamName>(
    op: K,
    input: InputOf<K>,
    done: (value: SnapshotOf<K> | DeltaOf<K>) => boolean,
    limitMs: number,
  ): Promise<SnapshotOf<K> | DeltaOf<K>>;
  /** The stream's present snapshot. */
  snapshot<K extends StreamName>(op: K, input: InputOf<K>): Promise<SnapshotOf<K>>;
  /** Resolves when each flag connection has answered or failed; at once where another process has the data folder. */
  settled(): Promise<void>;
  /** Lets other commands use the data folder meanwhile, while this one waits for somebody. */
  serveOthers(): Promise<void>;
  close(): Promise<void>;
}
