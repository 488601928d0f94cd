import { approvals } from './approvals.ts';
import { changes } from './changes.ts';
import { charts } from './charts.ts';
import { drift } from './drift.ts';
import { flags } from './flags.ts';
import { health } from './health.ts';
import { incidents } from './incidents.ts';
import { team } from './team.ts';
import { notify } from './notify.ts';
import { vault } from './vault.ts';
import { kit } from './kit.ts';
import { ledger } from './ledger.ts';
import { now } from './now.ts';
import { people } from './people.ts';
import { setup } from './setup.ts';
import { shell } from './shell.ts';

/** One file per area; every id begins with its area's name. */
export const en = {
  ...kit,
  ...shell,
  ...now,
  ...charts,
  ...drift,
  ...flags,
  ...changes,
  ...people,
  ...approvals,
  ...health,
  ...setup,
  ...ledger,
  ...vault,
  ...notify,
  ...team,
  ...incidents,
} as const;
