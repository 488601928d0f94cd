import { coalesce, disposeAll } from './shared.ts';
import { actorOf } from './person.ts';
import type { HandlersOf } from './types.ts';

/** A bulk kill that begins ends its request, and more: one frame, milliseconds. */
const BURST_MS = 30;

export const approvalHandlers: HandlersOf<'approvals'> = {
  'approvals.watch': (_input, { backend, services: { approvals }, session: { person } }, push) => {
    const state = () => approvals.state(person.actor());
    const burst = coalesce(backend.clock, BURST_MS, () => push(state()));
    const subscriptions = disposeAll(
      approvals.onChange(burst.trigger),
      person.onChange(burst.trigger),
      backend.people.onRoster(burst.trigger),
      burst,
    );
    return { snapshot: state(), dispose: subscriptions.dispose };
  },

  'approvals.request': async ({ subject }, { services, session }) =>
    services.approvals.request(subject, actorOf(session)),

  'approvals.withdraw': async ({ request }, { services, session }) => {
    services.approvals.withdraw(request, actorOf(session));
    return {};
  },

  'approvals.decide': async ({ request, decision, reason }, { services, session }) =>
    services.approvals.decide(request, decision, reason, actorOf(session)),

  'approvals.decideBeside': async ({ request, decision, reason, operator, passphrase }, { backend, services }) =>
    backend.people.beside(operator, passphrase, (second) =>
      services.approvals.decide(request, decision, reason, second),
    ),

  'approvals.export': async ({ request, what }, { services }) => services.approvals.export(request, what),

  'approvals.import': async ({ text }, { services, session }) =>
    services.approvals.import(text, session.person.actor()),

  'approvals.breakGlass': async ({ environment, reason }, { services, session }) => {
    const { glass } = services.approvals.breakGlass(environment, reason, actorOf(session));
    return { id: glass.id, untilMs: glass.untilMs };
  },

  'approvals.endBreakGlass': async ({ id }, { services, session }) => {
    services.approvals.endBreakGlass(id, actorOf(session));
    return {};
  },

  'approvals.reviewBreakGlass': async ({ id, verdict, note }, { services, session }) => {
    services.approvals.reviewBreakGlass(id, verdict, note, actorOf(session));
    return {};
  },
};
