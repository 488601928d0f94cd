import { disposeAll } from './shared.ts';
import type { HandlersOf } from './types.ts';

export const incidentHandlers: HandlersOf<'incidents'> = {
  'incidents.watch': (_input, { services: { incidents } }, push) => {
    const state = () => ({ incidents: [...incidents.list()] });
    const subscription = incidents.onChange(() => push(state()));
    return { snapshot: state(), dispose: disposeAll(subscription).dispose };
  },

  'incidents.open': async (what, { services, session }) => services.incidents.open(what, session.person.actor()),

  'incidents.close': async ({ id, note }, { services, session }) => {
    services.incidents.close(id, note, session.person.actor());
    return {};
  },

  'incidents.note': async ({ incident, text }, { services, session }) => {
    services.incidents.note(incident, text, session.person.actor());
    return {};
  },

  'incidents.override': async ({ subject, reason }, { services, session }) => {
    services.incidents.override(subject, reason, session.person.actor());
    return {};
  },
};
