import { z } from 'zod';

/** 64-bit numbers are strings in the JSON of protocol buffers; fields with their zero value are left out. */
const int64 = z.string().regex(/^-?\d+$/, 'expected a 64-bit number as text');

export const headerSchema = z.looseObject({ cluster_id: int64, revision: int64.default('0') });
export const kvSchema = z.looseObject({
  key: z.base64(),
  value: z.base64().default(''),
  create_revision: int64.default('0'),
  mod_revision: int64,
});
export type Kv = z.output<typeof kvSchema>;

export const rangeSchema = z.looseObject({
  header: headerSchema,
  kvs: z.array(kvSchema).default([]),
  more: z.boolean().default(false),
  count: int64.default('0'),
});
/** Within a transaction the answers have no header of their own. */
const innerRangeSchema = z.looseObject({ kvs: z.array(kvSchema).default([]) });
export const txnSchema = z.looseObject({
  header: headerSchema,
  succeeded: z.boolean().default(false),
  responses: z.array(z.looseObject({ response_range: innerRangeSchema.optional() })).default([]),
});
export const authSchema = z.looseObject({ token: z.string().min(1) });
export const versionSchema = z.looseObject({ etcdserver: z.string() });

/** One line of `/v3/watch`; a failure of the gateway itself has no `result`. */
export const watchSchema = z.looseObject({
  result: z.looseObject({
    header: headerSchema,
    created: z.boolean().default(false),
    canceled: z.boolean().default(false),
    cancel_reason: z.string().default(''),
    compact_revision: int64.default('0'),
    events: z.array(z.looseObject({ kv: z.looseObject({ mod_revision: int64 }) })).default([]),
  }),
});
