import { z } from 'zod';
import { killSetSchema } from '../model/batch.ts';
import { connectionStatusSchema } from '../model/connection.ts';
import { environmentSchema } from '../model/environment.ts';
import { ledgerHeadSchema } from '../model/entry.ts';
import { probeReportSchema } from '../model/probe.ts';
import { nothingSchema, stream, call } from './define.ts';

/** Where a problem of the configuration stands, and what would be right (C1). Lines and columns count from 1. */
export const configProblemSchema = z.strictObject({
  file: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  path: z.string(),
  value: z.string().nullable(),
  message: z.string(),
  expected: z.string().nullable(),
});
export type ConfigProblem = z.infer<typeof configProblemSchema>;

export const configStateSchema = z.strictObject({
  /** `sandbox` when no configuration was given: the practice world (G1). */
  mode: z.enum(['sandbox', 'configured']),
  path: z.string().nullable(),
  team: z.string(),
  loadedAtMs: z.number(),
  /** Problems of the file as it stands now. When there are any, the last good configuration goes on working. */
  problems: z.array(configProblemSchema),
});
export type ConfigState = z.infer<typeof configStateSchema>;

/** What the page shows around every view. Small, so each change sends it whole. */
export const consoleStateSchema = z.strictObject({
  product: z.strictObject({ name: z.string(), version: z.string() }),
  host: z.enum(['desktop', 'web', 'terminal']),
  device: z.string(),
  nowMs: z.number(),
  config: configStateSchema,
  environments: z.array(environmentSchema).min(1),
  connections: z.array(connectionStatusSchema),
  killSets: z.array(killSetSchema),
  ledger: ledgerHeadSchema,
});
export type ConsoleState = z.infer<typeof consoleStateSchema>;

export const consoleContract = {
  'console.watch': stream({
    access: 'view',
    input: nothingSchema,
    snapshot: consoleStateSchema,
    delta: consoleStateSchema,
  }),
  'console.retryConnection': call({
    access: 'view',
    input: z.strictObject({ connection: z.string().max(200) }),
    output: nothingSchema,
  }),
  /** Tries a connection out: authentication, permissions, latency, clock. Writes nothing. */
  'console.probe': call({
    access: 'view',
    input: z.strictObject({ connection: z.string().max(200) }),
    output: probeReportSchema,
  }),
  'console.configSchema': call({
    access: 'view',
    input: nothingSchema,
    output: z.strictObject({ schema: z.string() }),
  }),
  /** Writes a commented starter configuration and switches to it (`scram init`). Never overwrites a file. */
  'console.initialise': call({
    access: 'administer',
    input: z.strictObject({ directory: z.string().min(1).max(4096) }),
    output: z.strictObject({ directory: z.string(), files: z.array(z.string()) }),
  }),
} as const;
