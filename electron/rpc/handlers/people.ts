import { coalesce, disposeAll } from './shared.ts';
import type { HandlersOf } from './types.ts';

/** Unlocking and a roster that is taken up touch several things at once: one frame, milliseconds. */
const BURST_MS = 30;

export const peopleHandlers: HandlersOf<'people'> = {
  'people.watch': (_input, { backend: { people, clock }, session: { person } }, push) => {
    const burst = coalesce(clock, BURST_MS, () => push(people.state(person)));
    const subscriptions = disposeAll(people.onChange(burst.trigger), person.onChange(burst.trigger), burst);
    return { snapshot: people.state(person), dispose: subscriptions.dispose };
  },

  'people.unlock': async ({ operator, passphrase }, { backend, session }) => {
    await session.person.unlock(operator, passphrase);
    // Whoever unlocks goes on to act: by then the connections that waited for their credentials are there.
    await backend.renewed();
    return {};
  },

  'people.unlockByKeychain': async ({ operator }, { backend, session }) => {
    await session.person.unlockByKeychain(operator);
    await backend.renewed();
    return {};
  },

  'people.lock': async (_input, { session }) => {
    session.person.lock('asked');
    return {};
  },

  'people.touch': async (_input, { session }) => {
    session.person.touch();
    return {};
  },

  'people.enrol': async ({ operator, passphrase }, { backend, session }) =>
    backend.people.enrol(operator, passphrase, session.person),

  'people.changePassphrase': async ({ operator, passphrase, next }, { backend }) => {
    await backend.people.changePassphrase(operator, passphrase, next);
    return {};
  },

  'people.keepInKeychain': async ({ keep }, { backend, session }) => {
    await backend.people.keepInKeychain(session.person, keep);
    return {};
  },

  'people.removeKey': async ({ operator }, { backend, session }) => {
    await backend.people.removeKey(operator, session.person);
    return {};
  },

  'people.signRoster': async ({ proposal }, { backend, session }) =>
    backend.people.signRoster(session.person, proposal),
};
