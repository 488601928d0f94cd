import { ScramError } from '../../../shared/model/error.ts';
import type { Flag } from '../../../shared/model/flag.ts';
import type { FlagRef } from '../../services/flags/api.ts';
import type { ServiceSet } from '../backend.ts';
import { requireEnvironment } from './shared.ts';
import type { HandlersOf } from './types.ts';

export const flagHandlers: HandlersOf<'flags'> = {
  'flags.watch': ({ environment }, { services }, push) => {
    requireEnvironment(services, environment);
    const subscription = services.flags.onRows(environment, (delta) => {
      push({
        upserts: [...delta.upserts],
        removals: delta.removals.map(({ connection, key }) => ({ connection, key })),
      });
    });
    return { snapshot: { rows: services.flags.rows(environment) }, dispose: () => subscription.dispose() };
  },

  'flags.watchOne': (ref, { services }, push) => {
    requireFlag(services, ref);
    const subscription = services.flags.onFlag(ref, (flag) => push({ flag }));
    return { snapshot: { flag: requireFlag(services, ref) }, dispose: () => subscription.dispose() };
  },

  'flags.drift': ({ environment }, { services }, push) => {
    requireEnvironment(services, environment);
    const state = () => ({
      drifts: services.drift.drifts(environment),
      observers: services.drift.observers(environment),
    });
    const subscription = services.drift.onChange((changed) => {
      if (changed === environment) push(state());
    });
    return { snapshot: state(), dispose: () => subscription.dispose() };
  },

  'flags.history': async (ref, { services }) => ({
    markers: services.flags.markers({ flag: ref }),
    changes: services.changes.recent({ flag: ref }),
  }),
};

/** Throws `not-found`, or `busy` (to be tried again) while the connection has not been read for the first time. */
function requireFlag(services: ServiceSet, ref: FlagRef): Flag {
  const flag = services.flags.flag(ref);
  if (flag !== null) return flag;
  const status = services.flags.statuses().find(({ id }) => id === ref.connection);
  if (status?.state === 'not-ready') {
    throw new ScramError('busy', `connection ${ref.connection} has not answered yet`);
  }
  throw new ScramError('not-found', `there is no flag ${ref.key} in connection ${ref.connection}`, {
    action: 'Look for it in the list of flags: it may have been renamed or deleted',
  });
}
