import { coalesce, disposeAll } from './shared.ts';
import { keyringOf } from './person.ts';
import type { HandlersOf } from './types.ts';

const BURST_MS = 30;

/** Secrets go in, and none comes out (E2). */
export const vaultHandlers: HandlersOf<'vault'> = {
  'vault.watch': (_input, { backend, services: { vault } }, push) => {
    const burst = coalesce(backend.clock, BURST_MS, () => push(vault.state()));
    const subscriptions = disposeAll(vault.onChange(burst.trigger), burst);
    return { snapshot: vault.state(), dispose: subscriptions.dispose };
  },

  'vault.set': async ({ name, value }, { services, session }) => {
    await services.vault.set(name, value, session.person.actor());
    return {};
  },

  'vault.remove': async ({ name }, { services, session }) => {
    await services.vault.remove(name, session.person.actor());
    return {};
  },

  'vault.seal': async ({ name, holders }, { services, session }) => {
    await services.vault.seal(name, holders, session.person.actor());
    return {};
  },

  'vault.openTogether': async ({ name, operator, passphrase }, { backend, services, session }) => {
    const first = keyringOf(session);
    return backend.people.beside(operator, passphrase, (second) => services.vault.openTogether(name, first, second));
  },

  'vault.askForShare': async ({ name, holder }, { services, session }) =>
    services.vault.askForShare(name, holder, keyringOf(session)),

  'vault.readShareRequest': async ({ text }, { services }) => services.vault.readShareRequest(text),

  'vault.giveShare': async ({ text }, { services, session }) => services.vault.giveShare(text, keyringOf(session)),

  'vault.takeShare': async ({ text }, { services, session }) => services.vault.takeShare(text, keyringOf(session)),
};
