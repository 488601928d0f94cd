import type { FlagProvider } from '../../electron/services/flags/provider.ts';

/** The real HTTP server behind a fixture, and how a second provider of the same flags is made at another address. */
export interface HttpEnd {
  /** Address that the fixture's `provider` was made with, path and all. */
  readonly url: string;
  /**
   * Another provider of the same flags with the same credential. Its `url` is `HttpEnd.url` with another origin; `caPem`
   * is what the configuration's `ca` holds; the suite gives `timeoutMs` where it waits for it, else take some 5 seconds.
   */
  connect(options: { url: string; caPem?: string; timeoutMs?: number }): FlagProvider;
  /** True when the service has no credentials at all; otherwise the suite demands that one is sent. */
  readonly anonymous?: boolean;
  /** Tells which requests change something. Left out: all but GET, HEAD and OPTIONS. */
  isWrite?(request: { readonly method: string; readonly path: string }): boolean;
  /** Number of writing requests of a kill of `enable_rollout`; 1 when left out. */
  readonly writesOfKill?: number;
}

/**
 * A real source with these flags in environment `production`, all boolean unless said otherwise, each new:
 * - `enable_rollout`: on, for 20 % of users by its rules (about 200 of the users `user-0` to `user-999`);
 * - `enable_plain`: on for everyone, no rules;
 * - `ops_disable_dep`: false for everyone, so that its feature is on (polarity `disables`);
 * - `layout`: variants `wide` and `narrow`, texts, and nothing that tells which of them is safe.
 * No other flag, unless `seedMany` was called. The provider polls or watches at its fastest; its hints are
 * `{ polarity: polarityByName(key), safeDefault: null }`.
 */
export interface FlagFixture {
  readonly provider: FlagProvider;
  /**
   * What the source can hold. `variants` (the default): all of the above. `boolean`: no `layout`, its values are on and
   * off alone. `switch`: no rules either: `enable_rollout` is on for everyone.
   */
  readonly holds?: 'variants' | 'boolean' | 'switch';
  /** Everything the source holds about flags, for comparing exactly; without times and counters that move by themselves. */
  snapshot(): Promise<string>;
  /** Somebody else changes what this flag serves: `enable_rollout` or `enable_plain`, past `provider`. */
  changeElsewhere(key: string): Promise<void>;
  /** Somebody else removes `enable_plain`, past `provider`. */
  removeElsewhere(key: string): Promise<void>;
  /** Variant that services get for each user, as the source's own SDK or server says; null: the code's own default. */
  evaluate(key: string, users: readonly string[]): Promise<(string | null)[]>;
  /** Adds so many flags, more than one page holds, past `provider`; returns their keys. Give it where lists are paged. */
  seedMany?(count: number): Promise<readonly string[]>;
  /** What the source keeps as the reason of the last change to this flag. Mandatory with capability `comment`. */
  commentOf?(key: string): Promise<string>;
  /** Mandatory for what is reached over HTTP; `describeHttpFaults` needs it. */
  readonly http?: HttpEnd;
  dispose(): Promise<void>;
}
