import { z } from 'zod';
import { batchSchema } from './batch.ts';
import { changeSchema, observationSchema } from './change.ts';
import { markerSchema } from './marker.ts';
import { recoverySchema } from './recovery.ts';

/** What entries say, by kind. Kinds and fields are only ever added: old ledgers must read for ever (D6). */
export const entryDataSchema = z.discriminatedUnion('kind', [
  /** First entry of a chain: the key that signs it, Ed25519 SPKI in base64url. */
  z.strictObject({ kind: z.literal('device.created'), publicKey: z.string(), product: z.string() }),
  z.strictObject({ kind: z.literal('console.started'), host: z.string(), version: z.string() }),
  z.strictObject({ kind: z.literal('config.loaded'), source: z.string(), digest: z.string() }),
  z.strictObject({ kind: z.literal('flag.seen-changed'), marker: markerSchema, revision: z.string() }),
  z.strictObject({ kind: z.literal('change.proposed'), change: changeSchema }),
  z.strictObject({ kind: z.literal('change.intent'), hash: z.string() }),
  z.strictObject({
    kind: z.literal('change.result'),
    hash: z.string(),
    outcome: z.enum(['accepted', 'conflict', 'failed', 'refused', 'approval-required', 'not-applied']),
    /** True when found by reading the provider after a crash, not from its answer. */
    reconciled: z.boolean(),
    detail: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('change.served'), hash: z.string() }),
  z.strictObject({ kind: z.literal('change.observed'), hash: z.string(), observations: z.array(observationSchema) }),
  z.strictObject({ kind: z.literal('change.recovery'), hash: z.string(), recovery: recoverySchema }),
  z.strictObject({ kind: z.literal('batch.proposed'), batch: batchSchema }),
  z.strictObject({ kind: z.literal('batch.began'), hash: z.string() }),
  z.strictObject({ kind: z.literal('batch.ended'), hash: z.string() }),
  z.strictObject({
    kind: z.literal('drift.began'),
    connection: z.string(),
    flag: z.string(),
    environment: z.string(),
    detail: z.string(),
  }),
  z.strictObject({ kind: z.literal('drift.ended'), connection: z.string(), flag: z.string(), environment: z.string() }),
  z.strictObject({ kind: z.literal('breach.began'), sli: z.string(), value: z.number(), objective: z.number() }),
  z.strictObject({ kind: z.literal('breach.ended'), sli: z.string(), value: z.number() }),
]);
export type EntryData = z.infer<typeof entryDataSchema>;
export type EntryKind = EntryData['kind'];

/** What is hashed and signed, in canonical JSON (RFC 8785). */
export const entryBodySchema = z.strictObject({
  version: z.literal(1),
  /** Chain that it belongs to: id of the device that signs. */
  device: z.string(),
  /** 1 for the first of the chain, then without a gap. */
  sequence: z.number().int().positive(),
  atMs: z.number().int(),
  /** Hash of the entry before it; 64 zeros for the first. */
  previous: z.string().length(64),
  data: entryDataSchema,
});
export type EntryBody = z.infer<typeof entryBodySchema>;

export const entrySchema = z.strictObject({
  body: entryBodySchema,
  /** SHA-256 of the canonical body, hex. */
  hash: z.string().length(64),
  /** Ed25519 over the hash with a domain prefix, base64url. */
  signature: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;

export const ledgerHeadSchema = z.strictObject({
  device: z.string(),
  entries: z.number().int(),
  hash: z.string(),
  /** `unverified` until the chain has been walked in this run. */
  verified: z.enum(['verified', 'unverified', 'broken']),
  problem: z.string().nullable(),
});
export type LedgerHead = z.infer<typeof ledgerHeadSchema>;
