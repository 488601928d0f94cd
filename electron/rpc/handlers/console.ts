import type { ConsoleState } from '../../../shared/contract/console.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { ServiceSet } from '../backend.ts';
import { coalesce, disposeAll } from './shared.ts';
import type { Context, HandlersOf } from './types.ts';

/** Bursts of ledger entries and statuses become one frame. */
const BURST_MS = 50;

export const consoleHandlers: HandlersOf<'console'> = {
  'console.watch': (_input, context, push) => {
    const { backend, services } = context;
    const burst = coalesce(backend.clock, BURST_MS, () => push(stateOf(context)));
    const subscriptions = disposeAll(
      services.flags.onStatus(burst.trigger),
      services.slis.onStatus(burst.trigger),
      backend.ledger.onAppend(burst.trigger),
      backend.onConfig(burst.trigger),
      burst,
    );
    return { snapshot: stateOf(context), dispose: subscriptions.dispose };
  },

  'console.retryConnection': async ({ connection }, { services }) => {
    const flags = services.flags.statuses();
    const slis = services.slis.statuses();
    if (flags.some(({ id }) => id === connection)) await services.flags.retry(connection);
    else if (slis.some(({ id }) => id === connection)) await services.slis.retry(connection);
    else throw unknownConnection(services, connection);
    return {};
  },

  'console.probe': async ({ connection }, { services, signal }) => {
    if (services.flags.statuses().some(({ id }) => id === connection)) return services.flags.probe(connection, signal);
    if (services.slis.statuses().some(({ id }) => id === connection)) return services.slis.probe(connection, signal);
    throw unknownConnection(services, connection);
  },

  'console.configSchema': async (_input, { backend }) => ({ schema: backend.configJsonSchema() }),

  'console.initialise': async ({ directory }, { backend }) => backend.initialise(directory),
};

function unknownConnection({ flags, slis }: ServiceSet, connection: string): ScramError {
  const ids = [...flags.statuses(), ...slis.statuses()].map(({ id }) => id).join(', ');
  return new ScramError('not-found', `there is no connection ${connection}`, { action: `Connections: ${ids}` });
}

function stateOf({ backend, services, session }: Context): ConsoleState {
  return {
    product: { ...backend.product },
    host: session.host,
    device: backend.ledger.device,
    nowMs: backend.clock.now(),
    config: backend.config(),
    environments: [...services.environments],
    connections: [...services.flags.statuses(), ...services.slis.statuses()],
    killSets: services.batches.killSets(),
    ledger: backend.ledger.head(),
  };
}
