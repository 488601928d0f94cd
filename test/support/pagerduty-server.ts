import { z } from 'zod';
import { type PlainReply, type PlainServer, parsed, startPlainServer } from './notify-http.ts';

const ROUTING_KEY = 'CANARYr0ut1ngkey0123456789abcdef';

/** What Events API v2 takes (github.com/PagerDuty/developer-docs, Events API v2). */
const details = z.record(z.string(), z.unknown());
const payload = z.strictObject({
  summary: z.string().min(1).max(1024),
  source: z.string().min(1),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime().optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: details.optional(),
});
const alert = z.strictObject({
  routing_key: z.string(),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255).optional(),
  payload: payload.optional(),
  client: z.string().optional(),
});
const change = z.strictObject({
  routing_key: z.string(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().optional(),
    timestamp: z.iso.datetime().optional(),
    custom_details: details.optional(),
  }),
});

export interface PagerDutyServer extends PlainServer {
  readonly routingKey: string;
  /** Alerts that are open, by dedup key. */
  readonly open: ReadonlyMap<string, z.infer<typeof alert>>;
  readonly changes: readonly z.infer<typeof change>[];
}

/** A strict PagerDuty: the two endpoints of Events API v2, over real HTTP. */
export async function startPagerDuty(): Promise<PagerDutyServer> {
  const open = new Map<string, z.infer<typeof alert>>();
  const changes: z.infer<typeof change>[] = [];
  const plainServer = await startPlainServer(({ method, path, body }): PlainReply => {
    if (method !== 'POST') return json(405, { status: 'error' });
    if (body.length > 512 * 1024) return json(413, { status: 'error' });
    const value = parsed(body);
    if (path === '/v2/enqueue') {
      const read = alert.safeParse(value);
      if (!read.success) return invalid(read.error);
      if (read.data.routing_key !== ROUTING_KEY) return wrongKey(read.data.routing_key);
      const { event_action, dedup_key = 'new', payload: own } = read.data;
      if (event_action === 'trigger' && own === undefined) return invalid('payload is missing');
      if (event_action === 'resolve') open.delete(dedup_key);
      else open.set(dedup_key, read.data);
      return json(202, { status: 'success', message: 'Event processed', dedup_key });
    }
    if (path === '/v2/change/enqueue') {
      const read = change.safeParse(value);
      if (!read.success) return invalid(read.error);
      if (read.data.routing_key !== ROUTING_KEY) return wrongKey(read.data.routing_key);
      changes.push(read.data);
      return json(202, { status: 'success', message: 'Change event processed' });
    }
    return { status: 404, body: 'Not Found' };
  });
  return Object.assign(plainServer, { routingKey: ROUTING_KEY, open, changes });
}

function json(status: number, value: unknown): PlainReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function invalid(what: unknown): PlainReply {
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors: [String(what)] });
}

/** Repeats the key, as a service in debug mode might. */
function wrongKey(key: string): PlainReply {
  const errors = [`Invalid routing key ${key}`];
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
}
