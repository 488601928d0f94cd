import type {
  CallName,
  DeltaOf,
  OutputOf,
  ParsedInputOf,
  SnapshotOf,
  StreamName,
} from '../../../shared/contract/index.ts';
import type { Disposable } from '../../services/ports.ts';
import type { Backend, ServiceSet } from '../backend.ts';
import type { Session } from '../session.ts';

export interface Context {
  readonly backend: Backend;
  /** The set in force when the operation began. */
  readonly services: ServiceSet;
  readonly session: Session;
}

export interface CallContext extends Context {
  /** Aborted when the caller cancels, or goes away. */
  readonly signal: AbortSignal;
  /** Aborted when the console shuts down, and not before: for what must not stop because a page was closed. */
  readonly shutdown: AbortSignal;
}

export interface Started<S> extends Disposable {
  readonly snapshot: S;
}

export type CallHandler<K extends CallName> = (input: ParsedInputOf<K>, context: CallContext) => Promise<OutputOf<K>>;

/**
 * Subscribes first and reads the snapshot after, at once: what is pushed before it returns is in the snapshot and is
 * dropped. Run again for the same subscriber when the configuration is replaced.
 */
export type StreamHandler<K extends StreamName> = (
  input: ParsedInputOf<K>,
  context: Context,
  push: (delta: DeltaOf<K>) => void,
) => Started<SnapshotOf<K>>;

export type Handlers = { readonly [K in CallName]: CallHandler<K> } & {
  readonly [K in StreamName]: StreamHandler<K>;
};

/** The handlers of one domain: operations whose name begins with it. */
export type HandlersOf<D extends string> = Pick<Handlers, Extract<keyof Handlers, `${D}.${string}`>>;
