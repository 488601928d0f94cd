import { approvalHandlers } from './approvals.ts';
import { changeHandlers } from './changes.ts';
import { consoleHandlers } from './console.ts';
import { flagHandlers } from './flags.ts';
import { incidentHandlers } from './incidents.ts';
import { ledgerHandlers } from './ledger.ts';
import { notifyHandlers } from './notify.ts';
import { peopleHandlers } from './people.ts';
import { nowHandlers, sliHandlers } from './slis.ts';
import { teamHandlers } from './team.ts';
import type { Handlers } from './types.ts';
import { vaultHandlers } from './vault.ts';

/** Every operation of the contract and what answers it; a missing one does not compile. */
export const handlers: Handlers = {
  ...consoleHandlers,
  ...flagHandlers,
  ...sliHandlers,
  ...nowHandlers,
  ...changeHandlers,
  ...ledgerHandlers,
  ...peopleHandlers,
  ...approvalHandlers,
  ...incidentHandlers,
  ...vaultHandlers,
  ...teamHandlers,
  ...notifyHandlers,
};

export type { CallContext, Context, Handlers, Started } from './types.ts';
