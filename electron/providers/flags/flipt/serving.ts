import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import type { FliptFlag } from './resource.ts';

type Served = Omit<FlagState, 'revision'>;
type Rollout = FliptFlag['rollouts'][number];

const LONGEST = 200;

/** Values by the variant's name, as Flipt's OFREP bridge tells them: `true` and `false`, or the variant's key. */
export function variantsOf(flag: FliptFlag): JsonObject {
  if (flag.type === 'BOOLEAN_FLAG_TYPE') return { true: true, false: false };
  return Object.fromEntries(flag.variants.map(({ key }) => [key, key]));
}

/** What Flipt serves (flipt-io/flipt, internal/server/evaluation/evaluation.go). `safe` is the variant of a kill. */
export function servedOf(flag: FliptFlag, safe: string | null): Served {
  return flag.type === 'BOOLEAN_FLAG_TYPE' ? servedBoolean(flag, safe) : servedVariant(flag, safe);
}

/**
 * Rollouts are evaluated in their order, whatever `enabled` says: `enabled` is the value of those whom none matches. A
 * threshold of p % takes the users with a hash, from 0 to 99, below p; every threshold uses the same hash.
 */
function servedBoolean(flag: FliptFlag, safe: string | null): Served {
  const isOn = (value: boolean): boolean => String(value) !== safe;
  let covered = 0;
  let on = 0;
  const outcomes = new Set<boolean>();
  let segments = false;
  for (const { segment, threshold } of flag.rollouts) {
    if (covered >= 100) break;
    if (segment) {
      segments = true;
      outcomes.add(isOn(segment.value));
      continue;
    }
    const upTo = Math.min(100, Math.ceil(threshold?.percentage ?? 0));
    if (!threshold || upTo <= covered) continue;
    outcomes.add(isOn(threshold.value));
    if (isOn(threshold.value)) on += upTo - covered;
    covered = upTo;
  }
  if (covered < 100) {
    outcomes.add(isOn(flag.enabled));
    if (isOn(flag.enabled)) on += 100 - covered;
  }
  const state = {
    serves: String(flag.enabled),
    targeting: flag.rollouts.length === 0 ? null : short(flag.rollouts.map(rolloutWords)),
    killed: false,
    offMeaning: 'off-value' as const,
  };
  if (safe === null) return { ...state, exposure: 'unknown', percentage: null };
  if (!outcomes.has(true)) return { ...state, exposure: 'nobody', percentage: 0, killed: true };
  if (!outcomes.has(false)) return { ...state, exposure: 'everyone', percentage: 100 };
  // Beside segments it is the share among those whom no segment singles out; all or nothing would deny the segments.
  return { ...state, exposure: 'some', percentage: segments && (on === 0 || on === 100) ? null : on };
}

/**
 * A disabled flag matches nobody: the answer is FLAG_DISABLED, for which services use their code's default. An enabled
 * one serves the default variant to those whom no rule matches, or whom a rule's distributions leave out.
 */
function servedVariant(flag: FliptFlag, safe: string | null): Served {
  const known = new Set(flag.variants.map(({ key }) => key));
  const fallback = flag.defaultVariant !== undefined && known.has(flag.defaultVariant) ? flag.defaultVariant : null;
  const state = {
    serves: flag.enabled ? fallback : null,
    targeting: flag.rules.length === 0 ? null : short(flag.rules.map(ruleWords)),
    killed: false,
    offMeaning: flag.enabled && fallback !== null ? ('off-value' as const) : ('code-default' as const),
  };
  const codeDefault = { ...state, exposure: 'code-default' as const, percentage: null };
  if (!flag.enabled) return codeDefault;
  const outcomes = new Set<string | null>([fallback]);
  for (const { distributions } of flag.rules) {
    for (const { variant, rollout } of distributions)
      if (rollout > 0) outcomes.add(known.has(variant) ? variant : null);
  }
  if (outcomes.size === 1 && fallback === null) return codeDefault;
  if (safe === null || outcomes.has(null)) return { ...state, exposure: 'unknown', percentage: null };
  if (!outcomes.has(safe)) return { ...state, exposure: 'everyone', percentage: 100 };
  if (outcomes.size === 1) return { ...state, exposure: 'nobody', percentage: 0, killed: true };
  return { ...state, exposure: 'some', percentage: null };
}

function segmentsIn(segments: readonly string[], operator: string): string {
  const names = segments.join(operator === 'AND_SEGMENT_OPERATOR' ? ' and ' : ' or ');
  return `segment ${names === '' ? 'without a name' : names}`;
}

function rolloutWords({ segment, threshold }: Rollout): string {
  if (segment) return `${segmentsIn(segment.segments, segment.segmentOperator)}: ${segment.value}`;
  return threshold ? `${threshold.percentage} %: ${threshold.value}` : 'a rule of an unknown kind';
}

function ruleWords({ segments, segmentOperator, distributions }: FliptFlag['rules'][number]): string {
  const shares = distributions.map(({ variant, rollout }) => `${variant} ${rollout} %`).join(', ');
  return `${segmentsIn(segments, segmentOperator)}: ${shares === '' ? 'default' : shares}`;
}

function short(parts: readonly string[]): string {
  const line = parts.join('; ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}
