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
};
