import type { JsonValue } from '../../../shared/model/json.ts';

/** What one running instance, relay or region uses of one flag (B5, B6, B14). */
export interface FlagObservation {
  readonly key: string;
  readonly instance: string;
  readonly region: string | null;
  /** Name of the variant in use; null when the observer knows the value alone, or neither. */
  readonly variant: string | null;
  /** The value in use, where the observer knows it: the flag's variants then tell its name. */
  readonly value?: JsonValue;
  /** When it was seen in use, epoch ms. */
  readonly atMs: number;
}

/** A place where what services really get can be looked up. Reads only. */
export interface FlagObserver {
  readonly id: string;
  /** Environments (our names) that it sees; null for all of the connection's. */
  readonly environments: readonly string[] | null;
  /** Shortest time between two looks that is worth the cost, milliseconds. */
  readonly paceMs: number;
  /** Longest time until what it sees follows a change, from the refresh of the SDK or relay behind it, milliseconds. */
  readonly refreshMs?: number | null;
  /** True when the cost of a look does not grow with the number of keys (one request tells of all of them). */
  readonly bulk?: boolean;
  /** Throws `ScramError`s as a provider does. A flag that it cannot tell about is absent from the answer. */
  observe(keys: readonly string[], environment: string, signal: AbortSignal): Promise<readonly FlagObservation[]>;
  dispose(): void;
}
