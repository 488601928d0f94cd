import type { Marker } from '../model/marker.ts';
import type { Suspect } from '../model/suspect.ts';
import { type Message, message } from '../model/text.ts';

export interface SuspectQuestion {
  /** First sample of the breach, epoch ms. */
  readonly breachSinceMs: number;
  readonly service: string;
  /** Changes of the breach's environment. */
  readonly markers: readonly Marker[];
  /** How many times worse the cohort with `flag` on fares (see `separationOf`); left out when there are no cohorts. */
  readonly cohort?: { readonly flag: string; readonly ratio: number; readonly separated: boolean };
  readonly nowMs: number;
  /** Changes longer before the breach than this are not looked at, milliseconds. */
  readonly windowMs?: number;
  /** A change noted this much after the breach's first sample may still be its cause: clocks and samples are coarse. */
  readonly toleranceMs?: number;
}

const WINDOW_MS = 60 * 60_000;
const TOLERANCE_MS = 5_000;
/** The console may notice a change it did not make only with its next read. */
const APPROXIMATE_TOLERANCE_MS = 2 * 60_000;
/** Age at which proximity in time has halved. */
const HALF_LIFE_MS = 10 * 60_000;

const WEIGHT = { proximity: 0.4, direction: 0.2, service: 0.15, cohort: 0.25 } as const;

/**
 * Changes that may explain a breach, likeliest first, each with the reasons for its rank (A7). A change after the
 * breach began cannot have caused it and is left out. Of several changes of one subject the likeliest stands.
 */
export function rankSuspects(question: SuspectQuestion): Suspect[] {
  const best = new Map<string, Suspect>();
  for (const marker of question.markers) {
    const suspect = suspectOf(marker, question);
    if (suspect === null) continue;
    const name = `${marker.kind}/${marker.connection}/${marker.subject}`;
    const known = best.get(name);
    if (known === undefined || isBefore(suspect, known)) best.set(name, suspect);
  }
  return [...best.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

function isBefore(a: Suspect, b: Suspect): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.marker.atMs !== b.marker.atMs) return a.marker.atMs > b.marker.atMs;
  return a.marker.id < b.marker.id;
}

function suspectOf(marker: Marker, question: SuspectQuestion): Suspect | null {
  const { breachSinceMs, nowMs } = question;
  const tolerance = question.toleranceMs ?? TOLERANCE_MS;
  const latestMs = breachSinceMs + (marker.approximate ? Math.max(tolerance, APPROXIMATE_TOLERANCE_MS) : tolerance);
  if (marker.atMs > latestMs || marker.atMs > nowMs) return null;
  const beforeMs = Math.max(0, breachSinceMs - marker.atMs);
  if (beforeMs > (question.windowMs ?? WINDOW_MS)) return null;

  const reasons: Message[] = [];
  const proximity = 2 ** (-beforeMs / HALF_LIFE_MS);
  const direction = directionOf(marker);
  const times = { from: marker.fromPercentage, to: marker.toPercentage, beforeMs };
  reasons.push(message(`suspect.${direction.name}-before`, times));
  if (marker.approximate) reasons.push(message('suspect.time-approximate'));

  let service: number;
  if (marker.services.includes(question.service)) {
    service = 1;
    reasons.push(message('suspect.of-service', { service: question.service }));
  } else if (marker.services.length === 0) {
    service = 0.3;
  } else {
    service = 0;
    reasons.push(message('suspect.other-service', { service: marker.services.join(', ') }));
  }

  let cohort = 0;
  if (question.cohort !== undefined && marker.kind === 'flag' && question.cohort.flag === marker.subject) {
    const { ratio, separated } = question.cohort;
    if (separated) {
      // Three times as bad is all the proof that a cohort can give.
      cohort = Math.min(1, Math.max(0, (ratio - 1) / 2));
      reasons.push(message('suspect.cohort-separated', { ratio }));
    } else {
      reasons.push(message('suspect.cohort-alike', { ratio }));
    }
  }
  const score =
    WEIGHT.proximity * proximity +
    WEIGHT.direction * direction.weight +
    WEIGHT.service * service +
    WEIGHT.cohort * cohort;
  return { marker, score: Math.min(1, Math.max(0, score)), reasons };
}

/** A feature given to more users is likelier to break something than one taken away; a release changes everything. */
function directionOf(marker: Marker): { name: 'raised' | 'lowered' | 'changed' | 'deployed'; weight: number } {
  if (marker.kind === 'deploy') return { name: 'deployed', weight: 0.8 };
  const { fromPercentage: from, toPercentage: to } = marker;
  if (from === null || to === null || from === to) return { name: 'changed', weight: 0.5 };
  return to > from ? { name: 'raised', weight: 1 } : { name: 'lowered', weight: 0.1 };
}
