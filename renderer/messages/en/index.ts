import { changes } from './changes.ts';
import { charts } from './charts.ts';
import { drift } from './drift.ts';
import { flags } from './flags.ts';
import { health } from './health.ts';
import { kit } from './kit.ts';
import { ledger } from './ledger.ts';
import { now } from './now.ts';
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
  ...health,
  ...setup,
  ...ledger,
} as const;
