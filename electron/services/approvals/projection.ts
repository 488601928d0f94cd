import type {
  ApprovalRequest,
  ApprovalSubject,
  BreakGlass,
  BreakGlassItem,
  Decision,
} from '../../../shared/model/approval.ts';
import type { Batch } from '../../../shared/model/batch.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { Entry } from '../../../shared/model/entry.ts';

export interface RequestRecord {
  readonly request: ApprovalRequest;
  readonly origin: 'here' | 'team' | 'bundle';
  /** In the order in which they came; usually one. */
  readonly decisions: readonly Decision[];
  readonly ended: { readonly end: 'withdrawn' | 'edited' | 'moved' | 'expired'; readonly why: string } | null;
  /** An intent (or, for a bulk kill, its beginning) is in the record: the approval is used up. */
  readonly used: boolean;
}

/**
 * Latest time that this console wrote down since something was asked for or opened: a clock that is set back afterwards
 * gives no more time (D11).
 */
class Highest {
  readonly #open = new Map<string, number>();

  open(id: string): void {
    this.#open.set(id, 0);
  }

  note(atMs: number): void {
    for (const [id, seen] of this.#open) if (atMs > seen) this.#open.set(id, atMs);
  }

  of(id: string): number {
    return this.#open.get(id) ?? 0;
  }
}

export interface GlassRecord {
  readonly glass: BreakGlass;
  readonly endedAtMs: number | null;
  readonly changes: readonly string[];
  readonly review: Omit<NonNullable<BreakGlassItem['review']>, 'byName'> | null;
}

/**
 * Requests, decisions and broken glass as the record tells them (D1, D3): a pure reading, in whatever order the entries
 * of several consoles come. Whether a signature holds is judged when it is needed, by the roster of then.
 */
export class ApprovalRecords {
  readonly requests = new Map<string, RequestRecord>();
  readonly glasses = new Map<string, GlassRecord>();
  readonly #changes = new Map<string, Change>();
  readonly #batches = new Map<string, Batch>();
  /** Decisions and ends that came before their request. */
  readonly #early = new Map<string, Entry[]>();
  /** Subjects that have begun, by hash and device. */
  readonly #begun = new Set<string>();
  readonly #device: string;
  readonly #hash: (value: unknown) => string;
  readonly #highest = new Highest();

  constructor(device: string, hash: (value: unknown) => string, entries: Iterable<Entry>) {
    this.#device = device;
    this.#hash = hash;
    for (const entry of entries) this.apply(entry);
  }

  /** The later of `nowMs` and what this console wrote down since the request, or the broken glass, of this id. */
  timeFor(id: string, nowMs: number): number {
    return Math.max(nowMs, this.#highest.of(id));
  }

  change(hash: string): Change | undefined {
    return this.#changes.get(hash);
  }

  batch(hash: string): Batch | undefined {
    return this.#batches.get(hash);
  }

  /** The changes of a subject, in order; null when one of them is not known here. */
  changesOf({ kind, hash }: ApprovalSubject): readonly Change[] | null {
    const names = kind === 'change' ? [hash] : this.#batches.get(hash)?.changes;
    const found = names?.flatMap((name) => this.#changes.get(name) ?? []) ?? [];
    return names !== undefined && found.length === names.length ? found : null;
  }

  /** Requests about a change, by itself or in a bulk kill. */
  *about(change: string): Generator<RequestRecord> {
    for (const record of this.requests.values()) {
      const { kind, hash } = record.request.body.subject;
      if (kind === 'change' ? hash === change : (this.#batches.get(hash)?.changes.includes(change) ?? false))
        yield record;
    }
  }

  /** True when the entry may have altered something here. */
  apply(entry: Entry): boolean {
    const { data, device, atMs } = entry.body;
    if (device === this.#device) this.#highest.note(atMs);
    switch (data.kind) {
      case 'change.proposed':
        if (data.change.payload.demand.people > 1) this.#keepChange(data.change);
        return false;
      case 'batch.proposed':
        this.#keepBatch(data.batch);
        return false;
      case 'approval.requested':
        // Another console's word for a request is none: with a broken signature it would keep the real one out.
        if (device !== data.request.body.device) return false;
        this.#add(data.request, device === this.#device ? 'here' : 'team');
        return true;
      case 'approval.imported':
        // It was looked at before it was taken in here; what others took in is theirs to believe.
        if (device !== this.#device) return false;
        for (const change of data.changes) this.#keepChange(change);
        if (data.batch !== null) this.#keepBatch(data.batch);
        if (data.request !== null) this.#add(data.request, 'bundle');
        if (data.decision !== null) this.#decide(data.decision, entry);
        return true;
      case 'approval.decided':
        this.#decide(data.decision, entry);
        return true;
      case 'approval.ended':
        this.#end(data.request, data, entry);
        return true;
      case 'change.intent':
        this.#begin(data.hash, device);
        if (data.breakGlass !== undefined) this.#under(data.breakGlass, data.hash);
        return true;
      case 'batch.began':
        this.#begin(data.hash, device);
        return true;
      case 'breakglass.opened':
        // Whoever acts alone says so themselves, on their own console.
        if (device !== data.glass.device || entry.body.by?.operator !== data.glass.operator) return false;
        this.#highest.open(data.glass.id);
        this.glasses.set(data.glass.id, { glass: data.glass, endedAtMs: null, changes: [], review: null });
        return true;
      case 'breakglass.ended':
        this.#glass(data.id, (record) => ({ ...record, endedAtMs: record.endedAtMs ?? atMs }));
        return true;
      case 'breakglass.reviewed': {
        const by = entry.body.by?.operator;
        if (by === undefined) return false;
        const { verdict, note } = data;
        this.#glass(data.id, (record) =>
          by === record.glass.operator ? record : { ...record, review: record.review ?? { verdict, note, by, atMs } },
        );
        return true;
      }
      default:
        return false;
    }
  }

  /** Under its own name alone: what an approver sees, and what an approval opens, is what was hashed (D1). */
  #keepChange(change: Change): void {
    const { hash, payload, rationale } = change;
    if (this.#hash({ payload, rationale }) === hash) this.#changes.set(hash, change);
  }

  #keepBatch(batch: Batch): void {
    const { hash, proposedAtMs: _, ...body } = batch;
    if (this.#hash(body) === hash) this.#batches.set(hash, batch);
  }

  #add(request: ApprovalRequest, origin: RequestRecord['origin']): void {
    const { hash } = request;
    if (this.requests.has(hash)) return;
    this.#highest.open(hash);
    const used = this.#begun.has(begunId(request.body.subject.hash, request.body.device));
    this.requests.set(hash, { request, origin, decisions: [], ended: null, used });
    const early = this.#early.get(hash) ?? [];
    this.#early.delete(hash);
    for (const entry of early) this.apply(entry);
  }

  #decide(decision: Decision, entry: Entry): void {
    this.#request(decision.body.request, entry, (record) =>
      // By signature too: a forgery of the same words must not keep the real one out.
      record.decisions.some(({ hash, signature }) => hash === decision.hash && signature === decision.signature)
        ? record
        : { ...record, decisions: [...record.decisions, decision] },
    );
  }

  /** Only the console that may execute a request, and a person's withdrawal there, can end it. */
  #end(hash: string, { end, why }: NonNullable<RequestRecord['ended']>, entry: Entry): void {
    this.#request(hash, entry, (record) =>
      record.ended !== null || entry.body.device !== record.request.body.device
        ? record
        : { ...record, ended: { end, why } },
    );
  }

  #request(hash: string, entry: Entry, change: (record: RequestRecord) => RequestRecord): void {
    const record = this.requests.get(hash);
    if (record === undefined) this.#early.set(hash, [...(this.#early.get(hash) ?? []), entry]);
    else this.requests.set(hash, change(record));
  }

  #begin(subject: string, device: string): void {
    this.#begun.add(begunId(subject, device));
    for (const [hash, record] of this.requests) {
      const { body } = record.request;
      if (body.subject.hash === subject && body.device === device) this.requests.set(hash, { ...record, used: true });
    }
  }

  #under(id: string, change: string): void {
    this.#glass(id, (record) => ({ ...record, changes: [...record.changes, change] }));
  }

  #glass(id: string, change: (record: GlassRecord) => GlassRecord): void {
    const record = this.glasses.get(id);
    if (record !== undefined) this.glasses.set(id, change(record));
  }
}

/** Only the console that may execute something can say that it began. */
function begunId(subject: string, device: string): string {
  return `${subject} ${device}`;
}
