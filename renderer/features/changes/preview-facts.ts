import type { PolicyDemand } from '../../../shared/model/change.ts';
import type { Tone } from '../../../shared/model/environment.ts';

/** What the dialog must know of a preview, whatever it is a preview of. */
export interface PreviewFacts {
  readonly environment: string;
  readonly tone: Tone;
  readonly demand: PolicyDemand;
  /** What is typed where policy asks for it. */
  readonly typedWord: string;
  readonly typedWhy: string;
  readonly expiresAtMs: number;
  /** Nothing of it can be done. */
  readonly empty?: boolean;
}
