import { z } from 'zod';
import {
  type ApprovalItem,
  type Armoured,
  approvalRequestSchema,
  decisionSchema,
} from '../../../shared/model/approval.ts';
import { type Batch, batchSchema } from '../../../shared/model/batch.ts';
import { type Change, changeSchema } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import type { Actor } from '../signing/actor.ts';
import type { ApprovalPorts } from './ports.ts';
import type { ApprovalRecords } from './projection.ts';
import { decisionHolds, requestHolds } from './statements.ts';

const requestBundleSchema = z.strictObject({
  request: approvalRequestSchema,
  changes: z.array(changeSchema).min(1),
  batch: batchSchema.nullable(),
});
const decisionBundleSchema = z.strictObject({ decision: decisionSchema });

/** Requests and decisions as text that a person carries (D4): signed like any other, and believed no more than that. */
export function createBundles(ports: ApprovalPorts, records: ApprovalRecords) {
  const { ledger, armourer } = ports;

  function takeRequest(value: JsonValue, actor: Actor | null): string {
    const { request, changes, batch } = parsed(requestBundleSchema, value);
    const roster = ports.roster();
    if (!requestHolds(request, roster, 'now')) {
      throw invalid(`it is not signed by a key of ${request.body.requester.operator} that is in force here`, {
        action: 'compare the roster versions of both consoles (Setup), and ask for a new block',
      });
    }
    const { subject, environment, device } = request.body;
    if (!namesExactly(ports, subject, changes, batch)) throw invalid('the changes in it are not those that it names');
    const astray = changes.find(({ payload }) => payload.environment !== environment || payload.device !== device);
    if (astray !== undefined)
      throw invalid(`it asks for ${environment}, and ${astray.payload.flag} is of another place`);
    if (!records.requests.has(request.hash)) {
      ledger.append({ kind: 'approval.imported', request, decision: null, changes, batch }, actor);
    }
    return request.hash;
  }

  function takeDecision(value: JsonValue, actor: Actor | null): string {
    const { decision } = parsed(decisionBundleSchema, value);
    const record = records.requests.get(decision.body.request);
    if (record === undefined) throw invalid('it answers a request that is not known here');
    if (!decisionHolds(decision, ports.roster(), 'now')) {
      throw invalid(`it is not signed by a key of ${decision.body.by.operator} that is in force here`, {
        action: 'compare the roster versions of both consoles (Setup)',
      });
    }
    if (record.ended !== null) throw new ScramError('conflict', `the request is over: ${record.ended.why}`);
    if (!record.decisions.some(({ signature }) => signature === decision.signature)) {
      ledger.append({ kind: 'approval.imported', request: null, decision, changes: [], batch: null }, actor);
    }
    return decision.body.request;
  }

  return {
    export({ request, changes, batch, decision }: ApprovalItem, what: 'request' | 'decision'): Armoured {
      if (what === 'decision' && decision === null) {
        throw new ScramError('refused', 'nobody has decided about it yet');
      }
      const value = what === 'request' ? { request, changes, batch } : { decision };
      const text = armourer.armour(what, value as JsonValue);
      return { kind: what, text, checkCode: armourer.checkCodeOf(request.hash), qr: armourer.qrOf(text) };
    },
    import(text: string, actor: Actor | null): { kind: 'request' | 'decision'; request: string } {
      const { kind, value } = armourer.unarmour(text);
      if (kind === 'request') return { kind, request: takeRequest(value, actor) };
      if (kind === 'decision') return { kind, request: takeDecision(value, actor) };
      throw invalid(`it is a block of another kind (${kind})`, {
        action: 'blocks of sealed credentials go to Setup, Vault',
      });
    },
  };
}

/** True when the changes and the batch are, by their hashes, what the subject names. */
function namesExactly(
  ports: ApprovalPorts,
  subject: { kind: string; hash: string },
  changes: readonly Change[],
  batch: Batch | null,
): boolean {
  if (changes.some(({ hash, payload, rationale }) => ports.hash({ payload, rationale }) !== hash)) return false;
  if (subject.kind === 'change') return batch === null && changes.length === 1 && changes[0]?.hash === subject.hash;
  if (batch === null || batch.hash !== subject.hash) return false;
  const { hash, proposedAtMs: _, ...body } = batch;
  return ports.hash(body) === hash && batch.changes.join() === changes.map((change) => change.hash).join();
}

function parsed<T>(schema: z.ZodType<T>, value: JsonValue): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw invalid(`its content does not fit at ${read.error.issues[0]?.path.map(String).join('.') || 'the top'}`);
}

function invalid(what: string, options: { action?: string } = {}): ScramError {
  return new ScramError('invalid-input', `this text block cannot be taken: ${what}`, options);
}
