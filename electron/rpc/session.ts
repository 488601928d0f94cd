import type { ResponseFrame } from '../../shared/contract/frames.ts';
import type { PersonSession } from '../services/operators/api.ts';
import type { Backend } from './backend.ts';

/** Who is at the other end. The host establishes it; nothing in a frame can alter it (D5). */
export interface Session {
  /** The person who has unlocked it, if any, and what they may do now. */
  readonly person: PersonSession;
  readonly host: Backend['host'];
}

/** What a connection may use at once. */
export interface Limits {
  readonly calls: number;
  readonly streams: number;
  /** Bytes not yet taken by the client, past which streams hold back. */
  readonly backlogBytes: number;
  /** Deltas that one stream holds back before it is cut with `gap`. */
  readonly heldDeltas: number;
  /** Time between looks at the backlog while something is held back, ms. */
  readonly drainPollMs: number;
  /** Time that a running change is given to end when the console shuts down, ms. */
  readonly shutdownMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  calls: 64,
  streams: 128,
  backlogBytes: 1024 * 1024,
  heldDeltas: 256,
  drainPollMs: 25,
  shutdownMs: 5000,
};

/** How to reach the client; `backlog` tells the bytes that it has not taken yet. */
export interface Link {
  send(frame: ResponseFrame): void;
  backlog(): number;
}
