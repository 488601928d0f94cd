import type { Now } from '../../../shared/contract/slis.ts';
import type { Disposable } from '../ports.ts';

/** What burns and what changed, with ranked suspects (A3, A7). */
export interface NowService {
  now(environment: string): Now;
  onChange(environment: string, listener: (now: Now) => void): Disposable;
  dispose(): void;
}
