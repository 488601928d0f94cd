import type { Drift, DriftPlace, ObserverStatus } from '../../../../shared/model/drift.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command } from '../command.ts';
import { findEnvironment } from '../flag-lookup.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlockIfGiven } from '../unlock.ts';

/** A console that was started for the command has held nothing against anything yet, milliseconds. */
const FIRST_LOOK_MS = 6_500;
/** The first answers of its observers may take longer, milliseconds. */
const FIRST_ANSWERS_MS = 15_000;

const sideOf = ({ variant, percentage }: Drift['actual']): string =>
  variant === null ? (percentage === null ? 'rules' : `${percentage} % of users`) : printable(variant);

/** Who uses something else, the first few by name. */
function whoOf({ providerDiffers, places, disagreeing }: Drift): string {
  const shown = places.filter(({ agrees }) => !agrees).slice(0, 3);
  const name = ({ instance, region, variant }: DriftPlace) =>
    `${printable(instance)}${region === null ? '' : ` (${printable(region)})`} uses ${printable(variant ?? 'an unknown variant')}`;
  const more = disagreeing - shown.length;
  return [
    ...(providerDiffers ? ['the provider itself'] : []),
    ...shown.map(name),
    ...(more > 0 ? [`${more} more`] : []),
  ].join('; ');
}

export const drift: Command = {
  name: 'drift',
  usage: 'scram drift [--env E]',
  summary: 'flags whose intended, actual and observed states differ, and since when (B6)',
  options: {
    ...PERSON_OPTIONS,
    env: { value: 'E', help: 'environment; all of them when left out' },
  },
  async run(context) {
    const { args, out } = context;
    const client = await context.connect();
    await unlockIfGiven(client, context);
    const { environments, nowMs } = await client.snapshot('console.watch', {});
    const env = args.text('env');
    const names = env === undefined ? environments.map((item) => item.name) : [await findEnvironment(client, env)];
    const drifts: Drift[] = [];
    const observers: ObserverStatus[] = [];
    const [first] = names;
    if (client.mode === 'own' && first !== undefined) {
      await client.watch('flags.drift', { environment: first }, () => false, FIRST_LOOK_MS);
    }
    for (const environment of names) {
      const state = await client.watch(
        'flags.drift',
        { environment },
        (value) => value.observers.every((one) => one.lastSeenAtMs !== null || one.problem !== null),
        FIRST_ANSWERS_MS,
      );
      drifts.push(...state.drifts);
      observers.push(...state.observers);
    }
    out.json({ drifts, observers });
    for (const { environment, connection, observer, problem } of observers) {
      if (problem !== null) out.warn(`${environment}, ${connection}, ${observer}: ${printable(problem)}`);
    }
    if (drifts.length === 0) {
      out.say(observers.length === 0 ? 'no drift; no observer is configured' : 'no drift');
      return EXIT.done;
    }
    out.say(
      table(
        ['ENVIRONMENT', 'FLAG', 'CONNECTION', 'INTENDED', 'ACTUAL', 'SINCE', 'WHO DIFFERS'],
        drifts.map((one) => [
          one.environment,
          printable(one.flag),
          one.connection,
          sideOf(one.intended),
          sideOf(one.actual),
          `${Math.max(0, Math.round((nowMs - one.sinceMs) / 1000))} s${one.overdue ? ', overdue' : ''}`,
          whoOf(one),
        ]),
      ),
    );
    return EXIT.done;
  },
};
