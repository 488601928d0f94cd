import { z } from 'zod';
import { incidentSchema } from '../model/incident.ts';
import { approvalSubjectSchema } from '../model/approval.ts';
import { call, nothingSchema, stream } from './define.ts';

const incidentsSchema = z.strictObject({ incidents: z.array(incidentSchema) });

export const incidentsContract = {
  /** Open ones, and those that were closed lately; newest first. */
  'incidents.watch': stream({
    access: 'view',
    input: nothingSchema,
    snapshot: incidentsSchema,
    delta: incidentsSchema,
  }),
  'incidents.open': call({
    access: 'act',
    input: z.strictObject({
      title: z.string().min(1).max(200),
      services: z.array(z.string().max(200)).max(200),
      environments: z.array(z.string().max(200)).min(1).max(50),
    }),
    output: incidentSchema,
  }),
  'incidents.close': call({
    access: 'act',
    input: z.strictObject({ id: z.string().max(100), note: z.string().max(2000) }),
    output: nothingSchema,
  }),
  'incidents.note': call({
    access: 'act',
    input: z.strictObject({ incident: z.string().max(100).nullable(), text: z.string().min(1).max(4000) }),
    output: nothingSchema,
  }),
  /** Lets one change through that an open incident holds (D9); recorded with its reason. */
  'incidents.override': call({
    access: 'act',
    input: z.strictObject({ subject: approvalSubjectSchema, reason: z.string().min(1).max(2000) }),
    output: nothingSchema,
  }),
} as const;
