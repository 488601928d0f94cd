import type { HandlersOf } from './types.ts';

export const ledgerHandlers: HandlersOf<'ledger'> = {
  'ledger.verify': async (_input, { backend: { ledger }, signal }) => ledger.verifyInSteps(signal),

  'ledger.show': async ({ before, sinceMs, limit }, { backend }) => ({
    entries: backend.ledger.page({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
    }),
  }),

  'ledger.timeline': async ({ offset, limit, search, kinds, device, sinceMs, untilMs }, { backend }) => {
    const { total, entries } = backend.ledger.timeline({
      offset,
      limit,
      ...(search === undefined ? {} : { search }),
      ...(kinds === undefined ? {} : { kinds }),
      ...(device === undefined ? {} : { device }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    return { total, entries: [...entries] };
  },

  // Only the console's own words leave by this: where a line is written to is for whoever asked to do.
  'ledger.anchor': async ({ place, where }, { backend: { ledger }, session }) =>
    ledger.anchor(place, where, session.person.actor()),

  'ledger.checkAnchor': async ({ line }, { backend: { ledger }, signal }) => {
    // A head only proves what leads to it once the chain up to it was walked.
    await ledger.verifyInSteps(signal);
    return ledger.checkAnchor(line);
  },

  'ledger.redact': async ({ device, sequence, reason }, { backend: { ledger }, session }) => {
    ledger.redact(device, sequence, reason, session.person.actor());
    return {};
  },
};
