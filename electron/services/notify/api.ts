import type { NotifyEvent, NotifyMessage, NotifyTargetState } from '../../../shared/model/notify.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { Disposable } from '../ports.ts';
import type { NotifyTarget } from './target.ts';

export interface NotifyTargetEntry {
  readonly id: string;
  readonly target: NotifyTarget;
  /** Events that it takes. */
  readonly events: readonly NotifyEvent[];
}

export interface NotifyResult {
  readonly target: string;
  readonly ok: boolean;
  readonly detail: string | null;
}

/** Sends what happens to the places that asked for it, and says what became of it. */
export interface NotifyService {
  targets(): readonly NotifyTargetState[];
  onChange(listener: () => void): Disposable;
  probe(target: string, signal: AbortSignal): Promise<ProbeReport>;
  /** To every target that takes the event; resolves with a result each, and goes on trying those that may work later. */
  send(message: NotifyMessage, signal: AbortSignal): Promise<readonly NotifyResult[]>;
  /**
   * Resolves when nothing is being sent, what waits to be sent again aside, and after `limitMs` in any case: for a console
   * that stops right after it did something, as a command of the terminal does. Never rejects.
   */
  settled(limitMs: number): Promise<void>;
  dispose(): void;
}

export interface StatusInput {
  readonly environment: string;
  /** Id of the incident that it is about; null: the environment as it stands. */
  readonly incident: string | null;
  readonly next: string;
  /** Who sends it; null when no operators are configured, or nobody has unlocked the console. */
  readonly operator: string | null;
}

/** Status updates (A8) out of what the console shows. Throws `not-found`. */
export interface StatusUpdates {
  message(input: StatusInput): NotifyMessage;
}
