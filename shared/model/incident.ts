import { z } from 'zod';

/** While it is open, changes other than mitigations are held for its services and environments (D9). */
export const incidentSchema = z.strictObject({
  id: z.string(),
  title: z.string().min(1).max(200),
  /** Empty: every service. */
  services: z.array(z.string()),
  environments: z.array(z.string()).min(1),
  openedAtMs: z.number(),
  openedBy: z.string().nullable(),
  closedAtMs: z.number().nullable(),
  closedBy: z.string().nullable(),
});
export type Incident = z.infer<typeof incidentSchema>;
