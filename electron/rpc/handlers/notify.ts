import { ScramError } from '../../../shared/model/error.ts';
import { messageText } from '../../../shared/rules/notify-text.ts';
import type { Session } from '../session.ts';
import { coalesce, disposeAll } from './shared.ts';
import type { HandlersOf } from './types.ts';

/** States change with each message of each target: a burst of them is one frame, milliseconds. */
const BURST_MS = 100;

export const notifyHandlers: HandlersOf<'notify'> = {
  'notify.watch': (_input, { backend, services }, push) => {
    const state = () => ({ targets: [...services.notify.targets()] });
    const burst = coalesce(backend.clock, BURST_MS, () => push(state()));
    const subscription = services.notify.onChange(burst.trigger);
    return { snapshot: state(), dispose: disposeAll(subscription, burst).dispose };
  },

  'notify.probe': async ({ target }, { services, signal }) => services.notify.probe(target, signal),

  'notify.preview': async ({ environment, incident, next }, { services, session }) => {
    const message = services.status.message({ environment, incident, next, operator: operatorOf(session) });
    return { message, text: messageText(message) };
  },

  // What was sent goes on its way when the page is closed: it stops with the console alone.
  'notify.send': async ({ environment, incident, next }, { backend, services, session, shutdown }) => {
    const message = services.status.message({ environment, incident, next, operator: operatorOf(session) });
    const results = [...(await services.notify.send(message, shutdown))];
    try {
      // What the others were told belongs into the record (D6), and a record that is full keeps nothing from being told.
      services.incidents.note(incident, messageText(message), session.person.actor());
    } catch (error) {
      backend.log.error('notify.status-not-recorded', {
        error: error instanceof ScramError ? error.message : 'unknown',
      });
    }
    return { results };
  },
};

function operatorOf({ person }: Session): string | null {
  return person.actor()?.person.operator ?? null;
}
