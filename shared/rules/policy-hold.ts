import { directionOf, policyOf, type PolicyQuestion, termsFor } from './policy-terms.ts';
import { isOpen, opensAtMs, windowWords } from './policy-windows.ts';

export interface HoldQuestion extends PolicyQuestion {
  readonly nowMs: number;
  /** When the flag was last given to more users in this environment; null when never, or not known. */
  readonly lastRestoreAtMs: number | null;
}

export interface Hold {
  /** Why the change is held, in words that follow on the name of nothing else. */
  readonly why: string;
  /** When it may be made, epoch ms; null when never by waiting. */
  readonly untilMs: number | null;
}

/**
 * Whether policy holds the change at this moment (D2): outside its time windows, or so soon after the feature was given
 * to more users that what came of that cannot be seen yet. The time after a restore never holds a kill.
 */
export function heldBy(question: HoldQuestion): Hold | null {
  const { policy, environment, nowMs, lastRestoreAtMs } = question;
  const direction = directionOf(question);
  const { windows } = termsFor(question);
  const coolDownMs = direction === 'kill' ? undefined : policyOf(policy, environment)?.coolDown;
  const cooledAtMs = coolDownMs === undefined || lastRestoreAtMs === null ? nowMs : lastRestoreAtMs + coolDownMs;
  const why: string[] = [];
  if (windows !== undefined && !isOpen(windows, nowMs)) {
    const what = direction === 'kill' ? 'takes features away' : 'gives features to users';
    why.push(`policy of ${environment} ${what} only ${windows.map(windowWords).join(', or ')}`);
  }
  if (coolDownMs !== undefined && cooledAtMs > nowMs) {
    const since = `${question.flag.key} was given to more users a short time ago`;
    why.push(`${since}, and policy of ${environment} waits ${minutes(coolDownMs)} before the next time`);
  }
  if (why.length === 0) return null;
  const fromMs = Math.max(nowMs, cooledAtMs);
  return { why: why.join('; '), untilMs: windows === undefined ? fromMs : opensAtMs(windows, fromMs) };
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} min`;
}
