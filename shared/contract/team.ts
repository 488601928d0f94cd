import { z } from 'zod';
import { teamStateSchema } from '../model/team.ts';
import { call, nothingSchema, stream } from './define.ts';

export const teamContract = {
  'team.watch': stream({ access: 'view', input: nothingSchema, snapshot: teamStateSchema, delta: teamStateSchema }),
  /** Tells the others what the person here is at. */
  'team.doing': call({ access: 'view', input: z.strictObject({ doing: z.string().max(200) }), output: nothingSchema }),
  'team.syncNow': call({ access: 'view', input: nothingSchema, output: nothingSchema }),
} as const;
