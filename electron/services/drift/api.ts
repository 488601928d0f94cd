import type { Drift, ObserverStatus } from '../../../shared/model/drift.ts';
import type { Disposable } from '../ports.ts';

/** Watches whether services use what is intended, all the time and not only after a change (B5, B6). */
export interface DriftService {
  /** Longest first. */
  drifts(environment: string): Drift[];
  observers(environment: string): ObserverStatus[];
  /** Called with the environment whose drifts or observers are other than before. */
  onChange(listener: (environment: string) => void): Disposable;
  dispose(): void;
}
