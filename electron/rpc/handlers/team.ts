import { coalesce, disposeAll } from './shared.ts';
import type { HandlersOf } from './types.ts';

/** A long catch-up tells of each page: the view needs no more than this. */
const TELL_MS = 200;

export const teamHandlers: HandlersOf<'team'> = {
  'team.watch': (_input, { backend, services }, push) => {
    const telling = coalesce(backend.clock, TELL_MS, () => push(services.team.state()));
    const subscription = services.team.onChange(telling.trigger);
    return { snapshot: services.team.state(), dispose: () => disposeAll(subscription, telling).dispose() };
  },

  'team.doing': async ({ doing }, { services, session }) => {
    services.team.setDoing(session.person.me()?.operator ?? null, doing);
    return {};
  },

  'team.syncNow': async (_input, { services, signal }) => {
    await services.team.syncNow(signal);
    return {};
  },
};
