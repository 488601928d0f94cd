import { z } from 'zod';
import { approvalRequestSchema, approvalSubjectSchema, breakGlassSchema, decisionSchema } from './approval.ts';
import { batchSchema } from './batch.ts';
import { changeSchema, observationSchema } from './change.ts';
import { incidentSchema } from './incident.ts';
import { markerSchema } from './marker.ts';
import { notifyEventSchema } from './notify.ts';
import { actSignatureSchema, personRefSchema, signedRosterSchema } from './operator.ts';
import { recoverySchema } from './recovery.ts';

/** What entries say, by kind. Kinds and fields are only ever added: old ledgers must read for ever (D6). */
export const entryDataSchema = z.discriminatedUnion('kind', [
  /** First entry of a chain: the key that signs it, Ed25519 SPKI in base64url. */
  z.strictObject({ kind: z.literal('device.created'), publicKey: z.string(), product: z.string() }),
  z.strictObject({ kind: z.literal('console.started'), host: z.string(), version: z.string() }),
  z.strictObject({ kind: z.literal('config.loaded'), source: z.string(), digest: z.string() }),
  z.strictObject({ kind: z.literal('flag.seen-changed'), marker: markerSchema, revision: z.string() }),
  z.strictObject({ kind: z.literal('change.proposed'), change: changeSchema }),
  z.strictObject({
    kind: z.literal('change.intent'),
    hash: z.string(),
    /** What allowed it where policy asks for two people: the decision's hash, or the break-glass. */
    decision: z.string().optional(),
    breakGlass: z.string().optional(),
  }),
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
  /** The provider's own approval of a change (B2), created and followed there. */
  z.strictObject({
    kind: z.literal('change.provider-approval'),
    hash: z.string(),
    id: z.string(),
    url: z.string().nullable(),
    status: z.enum(['waiting', 'approved', 'refused', 'applied', 'failed']),
    detail: z.string().nullable(),
  }),

  z.strictObject({
    kind: z.literal('operator.unlocked'),
    operator: z.string(),
    key: z.string(),
    how: z.enum(['passphrase', 'keychain', 'practice']),
  }),
  z.strictObject({
    kind: z.literal('operator.locked'),
    operator: z.string(),
    why: z.enum(['asked', 'idle', 'sleep', 'revoked', 'ended']),
  }),
  z.strictObject({ kind: z.literal('operator.unlock-failed'), operator: z.string() }),
  z.strictObject({ kind: z.literal('operator.enrolled'), operator: z.string(), publicKey: z.string() }),
  z.strictObject({ kind: z.literal('operator.removed'), operator: z.string() }),
  /** The first key that this console trusts; every later roster follows from it. */
  z.strictObject({ kind: z.literal('roster.pinned'), signedBy: personRefSchema, publicKey: z.string() }),
  z.strictObject({ kind: z.literal('roster.accepted'), roster: signedRosterSchema, hash: z.string() }),
  z.strictObject({ kind: z.literal('roster.refused'), version: z.number().int(), why: z.string() }),

  z.strictObject({ kind: z.literal('approval.requested'), request: approvalRequestSchema }),
  z.strictObject({ kind: z.literal('approval.decided'), decision: decisionSchema }),
  /** A request or a decision that came as a text block, with the changes that it names. */
  z.strictObject({
    kind: z.literal('approval.imported'),
    request: approvalRequestSchema.nullable(),
    decision: decisionSchema.nullable(),
    changes: z.array(changeSchema),
    batch: batchSchema.nullable(),
  }),
  z.strictObject({
    kind: z.literal('approval.ended'),
    request: z.string(),
    subject: approvalSubjectSchema,
    end: z.enum(['withdrawn', 'edited', 'moved', 'expired']),
    why: z.string(),
  }),

  z.strictObject({ kind: z.literal('breakglass.opened'), glass: breakGlassSchema }),
  z.strictObject({ kind: z.literal('breakglass.ended'), id: z.string() }),
  z.strictObject({
    kind: z.literal('breakglass.reviewed'),
    id: z.string(),
    verdict: z.enum(['accepted', 'contested']),
    note: z.string(),
  }),
  z.strictObject({ kind: z.literal('incident.opened'), incident: incidentSchema }),
  z.strictObject({ kind: z.literal('incident.closed'), id: z.string(), note: z.string() }),
  z.strictObject({
    kind: z.literal('freeze.overridden'),
    incident: z.string(),
    subject: approvalSubjectSchema,
    reason: z.string(),
  }),

  z.strictObject({ kind: z.literal('credential.set'), name: z.string() }),
  z.strictObject({ kind: z.literal('credential.removed'), name: z.string() }),
  z.strictObject({ kind: z.literal('credential.sealed'), name: z.string(), holders: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('credential.opened'), name: z.string(), by: z.array(personRefSchema) }),
  z.strictObject({ kind: z.literal('credential.share-given'), name: z.string(), to: personRefSchema }),
  z.strictObject({ kind: z.literal('vault.problem'), what: z.string() }),

  /** Heads of other devices' chains as this one holds them: what was there cannot be cut off unseen (D10). */
  z.strictObject({
    kind: z.literal('head.countersigned'),
    heads: z.array(z.strictObject({ device: z.string(), sequence: z.number().int(), hash: z.string() })),
  }),
  z.strictObject({
    kind: z.literal('anchor.made'),
    /** Where it was put outside: a file in version control, a notify target, or read aloud. */
    place: z.enum(['file', 'notify', 'spoken']),
    where: z.string(),
    /** SHA-256 over the heads, in the order of their devices. */
    digest: z.string(),
    heads: z.array(z.strictObject({ device: z.string(), sequence: z.number().int(), hash: z.string() })),
    /** What makes a line of it that can be checked anywhere: when, and this device's signature of it. */
    seal: z.strictObject({ device: z.string(), atMs: z.number().int(), signature: z.string() }).optional(),
  }),
  z.strictObject({
    kind: z.literal('entry.redacted'),
    device: z.string(),
    sequence: z.number().int(),
    hash: z.string(),
    reason: z.string(),
  }),
  /** Stands in place of what was redacted; never written by itself. */
  z.strictObject({ kind: z.literal('redacted') }),
  z.strictObject({
    kind: z.literal('segment.sealed'),
    device: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    /** Hash of the last entry in it. */
    hash: z.string(),
    file: z.string(),
    /** SHA-256 of the file, hex. */
    digest: z.string(),
  }),
  z.strictObject({
    kind: z.literal('chain.quarantined'),
    device: z.string(),
    sequence: z.number().int(),
    hash: z.string(),
    what: z.string(),
  }),
  z.strictObject({
    kind: z.literal('notify.sent'),
    target: z.string(),
    event: notifyEventSchema,
    ok: z.boolean(),
    detail: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('note.added'), text: z.string().min(1).max(4000), incident: z.string().nullable() }),
]);
export type EntryData = z.infer<typeof entryDataSchema>;
export type EntryKind = EntryData['kind'];

/**
 * An entry as it is read. Version 1 hashes the whole body in canonical JSON (RFC 8785). Version 2 hashes the body with
 * `dataHash` in place of `data`, so that the words of an entry can be taken away and its chain still verifies (D6).
 */
export const entryBodySchema = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  /** Chain that it belongs to: id of the device that signs. */
  device: z.string(),
  /** 1 for the first of the chain, then without a gap. */
  sequence: z.number().int().positive(),
  atMs: z.number().int(),
  /** Hash of the entry before it; 64 zeros for the first. */
  previous: z.string().length(64),
  /** The person who did it, and their signature; left out where the console itself noted something. */
  by: actSignatureSchema.optional(),
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
