import { changeHandlers } from './changes.ts';
import { consoleHandlers } from './console.ts';
import { flagHandlers } from './flags.ts';
import { ledgerHandlers } from './ledger.ts';
import { nowHandlers, sliHandlers } from './slis.ts';
import type { Handlers } from './types.ts';

/** Every operation of the contract and what answers it; a missing one does not compile. */
export const handlers: Handlers = {
  ...consoleHandlers,
  ...flagHandlers,
  ...sliHandlers,
  ...nowHandlers,
  ...changeHandlers,
  ...ledgerHandlers,
};

export type { CallContext, Context, Handlers, Started } from './types.ts';
