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
import type { PersonRef, Right } from '../../../shared/model/operator.ts';

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
 * Latest time since something was asked for or opened, by this console's own entries and looks at its clock: one that is
 * set back afterwards gives no more time, and what then passes counts on from there (D11).
 */
class Highest {
  /** Time that has passed, as far as the clock went forward, milliseconds. */
  #passedMs = 0;
  #lastMs = 0;
  /** For each id, what to add to the time that has passed. */
  readonly #since = new Map<string, number>();

  open(id: string): void {
    this.#since.set(id, this.#lastMs - this.#passedMs);
  }

  note(atMs: number): void {
    this.#passedMs += Math.max(0, atMs - this.#lastMs);
    this.#lastMs = atMs;
  }

  of(id: string, nowMs: number): number {
    const since = this.#since.get(id);
    return since === undefined ? nowMs : Math.max(nowMs, since + this.#passedMs + Math.max(0, nowMs - this.#lastMs));
  }
}

export interface GlassRecord {
  readonly glass: BreakGlass;
  readonly endedAtMs: number | null;
  readonly changes: readonly string[];
  readonly review: Omit<NonNullable<BreakGlassItem['review']>, 'byName'> | null;
}

/** Whether the person of an entry had the right to what it says, `sinceMs` at the earliest. */
export type Vouched = (entry: Entry, right: Right, sinceMs?: number) => boolean;

/**
 * Requests, decisions and broken glass as the record tells them (D1, D3): a pure reading, in whatever order the entries
 * of several consoles come. Whether a signature holds is judged when it is needed, by the roster of then.
 */
export class ApprovalRecords {
  readonly requests = new Map<string, RequestRecord>();
  readonly glasses = new Map<string, GlassRecord>();
  readonly #changes = new Map<string, Change>();
  readonly #batches = new Map<string, Batch>();
  /** What came before the request, or the broken glass, that it is about. */
  readonly #early = new Map<string, Entry[]>();
  /** Subjects that have begun, by hash and device. */
  readonly #begun = new Set<string>();
  readonly #device: string;
  readonly #hash: (value: unknown) => string;
  readonly #vouched: Vouched;
  readonly #highest = new Highest();

  constructor(device: string, hash: (value: unknown) => string, vouched: Vouched, entries: Iterable<Entry>) {
    this.#device = device;
    this.#hash = hash;
    this.#vouched = vouched;
    for (const entry of entries) this.apply(entry);
  }

  /** The later of `nowMs` and what this console wrote down since the request, or the broken glass, of this id. */
  timeFor(id: string, nowMs: number): number {
    return this.#highest.of(id, nowMs);
  }

  /** What the clock shows, whenever it is looked at. */
  observe(nowMs: number): void {
    this.#highest.note(nowMs);
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
    if (entry.body.device === this.#device) this.#highest.note(entry.body.atMs);
    return this.#take(entry);
  }

  #take(entry: Entry): boolean {
    const { data, device, atMs, by } = entry.body;
    switch (data.kind) {
      case 'change.proposed':
        if (data.change.payload.demand.people > 1) this.#keepChange(data.change);
        return false;
      case 'batch.proposed':
        this.#keepBatch(data.batch);
        return false;
      case 'approval.requested':
        // Another console's word for a request is none, nor one person's for another: it would show in their name.
        if (device !== data.request.body.device || !isSame(by, data.request.body.requester)) return false;
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
        if (data.breakGlass !== undefined) this.#under(data.breakGlass, entry, data.hash);
        return true;
      case 'batch.began':
        this.#begin(data.hash, device);
        return true;
      case 'breakglass.opened': {
        const { glass } = data;
        // Whoever acts alone says so themselves, on their own console, and once: nobody takes it back by saying it anew.
        if (device !== glass.device || by?.operator !== glass.operator || this.glasses.has(glass.id)) return false;
        if (!this.#vouched(entry, 'act')) return false;
        this.#highest.open(glass.id);
        this.glasses.set(glass.id, { glass, endedAtMs: null, changes: [], review: null });
        this.#takeEarly(glass.id);
        return true;
      }
      case 'breakglass.ended':
        this.#glass(data.id, entry, (record) =>
          device === record.glass.device ? { ...record, endedAtMs: record.endedAtMs ?? atMs } : record,
        );
        return true;
      case 'breakglass.reviewed':
        this.#glass(data.id, entry, (record) => {
          const { operator, openedAtMs } = record.glass;
          const stands = record.review !== null || by === undefined || by.operator === operator;
          if (stands || !this.#vouched(entry, 'approve', openedAtMs)) return record;
          return { ...record, review: { verdict: data.verdict, note: data.note, by: by.operator, atMs } };
        });
        return true;
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
    const { hash, body } = request;
    // Under its own name alone: another under this name would keep the real one out.
    if (this.requests.has(hash) || this.#hash(body) !== hash) return;
    this.#highest.open(hash);
    const used = this.#begun.has(begunId(body.subject.hash, body.device));
    this.requests.set(hash, { request, origin, decisions: [], ended: null, used });
    this.#takeEarly(hash);
  }

  #keepEarly(id: string, entry: Entry): void {
    this.#early.set(id, [...(this.#early.get(id) ?? []), entry]);
  }

  #takeEarly(id: string): void {
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    for (const entry of early) this.#take(entry);
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
    if (record === undefined) this.#keepEarly(hash, entry);
    else this.requests.set(hash, change(record));
  }

  #begin(subject: string, device: string): void {
    this.#begun.add(begunId(subject, device));
    for (const [hash, record] of this.requests) {
      const { body } = record.request;
      if (body.subject.hash === subject && body.device === device) this.requests.set(hash, { ...record, used: true });
    }
  }

  #under(id: string, entry: Entry, change: string): void {
    this.#glass(id, entry, (record) =>
      entry.body.device === record.glass.device && !record.changes.includes(change)
        ? { ...record, changes: [...record.changes, change] }
        : record,
    );
  }

  #glass(id: string, entry: Entry, change: (record: GlassRecord) => GlassRecord): void {
    const record = this.glasses.get(id);
    if (record === undefined) this.#keepEarly(id, entry);
    else this.glasses.set(id, change(record));
  }
}

/** Only the console that may execute something can say that it began. */
function begunId(subject: string, device: string): string {
  return `${subject} ${device}`;
}

function isSame(by: PersonRef | undefined, person: PersonRef): boolean {
  return by !== undefined && by.operator === person.operator && by.key === person.key;
}
