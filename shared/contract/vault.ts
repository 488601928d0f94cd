import { z } from 'zod';
import { armouredSchema } from '../model/approval.ts';
import { credentialNameSchema, vaultStateSchema } from '../model/vault.ts';
import { call, nothingSchema, stream } from './define.ts';

const operatorId = z.string().min(1).max(100);

/** Secrets go in; no operation gives one out (E2). */
export const vaultContract = {
  'vault.watch': stream({ access: 'view', input: nothingSchema, snapshot: vaultStateSchema, delta: vaultStateSchema }),
  'vault.set': call({
    access: 'administer',
    input: z.strictObject({ name: credentialNameSchema, value: z.string().min(1).max(20_000) }),
    output: nothingSchema,
  }),
  'vault.remove': call({
    access: 'administer',
    input: z.strictObject({ name: credentialNameSchema }),
    output: nothingSchema,
  }),
  /** Splits a credential so that any two of the operators open it, and neither alone (E3). */
  'vault.seal': call({
    access: 'administer',
    input: z.strictObject({ name: credentialNameSchema, holders: z.array(operatorId).min(2).max(20) }),
    output: nothingSchema,
  }),
  /** Opens a sealed credential for a limited time: the session's person and a second one at the same desk. */
  'vault.openTogether': call({
    access: 'act',
    input: z.strictObject({
      name: credentialNameSchema,
      operator: operatorId,
      passphrase: z.string().min(1).max(1000),
    }),
    output: z.strictObject({ untilMs: z.number() }),
  }),
  /** The same with no second person here: a text block that asks a holder elsewhere for their share. */
  'vault.askForShare': call({
    access: 'act',
    input: z.strictObject({ name: credentialNameSchema, holder: operatorId }),
    output: armouredSchema,
  }),
  /** Who asks for which share, before it is given. */
  'vault.readShareRequest': call({
    access: 'view',
    input: z.strictObject({ text: z.string().min(1).max(100_000) }),
    output: z.strictObject({
      name: z.string(),
      holder: z.string(),
      asker: z.string(),
      askerName: z.string(),
      checkCode: z.string(),
      expiresAtMs: z.number(),
    }),
  }),
  /** Answers such a block as its holder, with the share encrypted to the one who asks. */
  'vault.giveShare': call({
    access: 'view',
    input: z.strictObject({ text: z.string().min(1).max(100_000) }),
    output: armouredSchema,
  }),
  'vault.takeShare': call({
    access: 'act',
    input: z.strictObject({ text: z.string().min(1).max(100_000) }),
    output: z.strictObject({ name: z.string(), untilMs: z.number() }),
  }),
} as const;
