import type { ChangePayload } from '../../../shared/model/change.ts';
import { printable } from './table.ts';

/** One side of a change in words. */
export function sideOf(state: ChangePayload['before']): string {
  const share = state.percentage === null ? '' : `, ${state.percentage} % of users have the feature`;
  return `${printable(state.serves ?? "the code's own default")}${share}${state.targeting ? `, targeting ${printable(state.targeting)}` : ''}`;
}

const ACTIONS = { kill: 'Kill', undo: 'Undo on', rollout: 'Roll out' } as const;

/** What will happen, before it does (B2, B3): provider, environment, flag, now, then, who is affected. */
export function describeChange(payload: ChangePayload): string {
  const environment = payload.tone === 'production' ? payload.environment.toUpperCase() : payload.environment;
  return [
    `${ACTIONS[payload.action]} ${printable(payload.flag)} in ${environment}`,
    `  through ${payload.connection} (${printable(payload.providerEnvironment)})`,
    `  now:     serves ${sideOf(payload.before)}`,
    `  then:    serves ${sideOf(payload.after)}`,
    `  affects: ${payload.affectedServices.join(', ') || 'no service that the configuration names'}`,
  ].join('\n');
}
