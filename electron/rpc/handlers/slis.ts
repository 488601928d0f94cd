import { requireEnvironment } from './shared.ts';
import type { HandlersOf } from './types.ts';

export const sliHandlers: HandlersOf<'slis'> = {
  'slis.watch': (filter, { services }, push) => {
    requireEnvironment(services, filter.environment);
    const subscription = services.slis.watch(filter, ({ updates, reset }) => {
      push(reset === undefined ? { updates } : { updates, reset });
    });
    return { snapshot: { slis: services.slis.views(filter) }, dispose: () => subscription.dispose() };
  },
};

export const nowHandlers: HandlersOf<'now'> = {
  'now.watch': ({ environment }, { services }, push) => {
    requireEnvironment(services, environment);
    const subscription = services.now.onChange(environment, push);
    return { snapshot: services.now.now(environment), dispose: () => subscription.dispose() };
  },
};
