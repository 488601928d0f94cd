import type { EntryData } from '../../../shared/model/entry.ts';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import type { FlagProvider } from '../flags/provider.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Disposable } from '../ports.ts';
import { within } from '../time-limit.ts';
import { holdOf } from './checks.ts';
import { type ChangePorts, isAt, refOf } from './ports.ts';
import type { ChangeRecord } from './projection.ts';
import type { ProviderApprovalData } from './provider-approval-words.ts';
import { ANSWER_LIMIT_MS } from './read-each.ts';
import { requestOf, wordsOf } from './results.ts';

/** How often an approval is looked at while somebody watches, and while nobody does, milliseconds. */
const PACE_MS = 10_000;
const SLOW_MS = 60_000;
/** What could not be asked for by then is no longer asked for: nobody expects it any more. Milliseconds. */
const ASK_WITHIN_MS = 15 * 60_000;
/** After a week nobody decides on it. Milliseconds. */
const FOLLOW_MS = 7 * 24 * 3_600_000;

/** Answers after which asking again would bring the same. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'refused',
  'not-found',
  'credential',
  'approval-required',
  'invalid-input',
]);

/** Changes whose approval is being asked for, of every service over the same ledger: none is asked for twice. */
const askingByLedger = new WeakMap<Ledger, Set<string>>();

function askingOf(ledger: Ledger): Set<string> {
  const known = askingByLedger.get(ledger) ?? new Set();
  askingByLedger.set(ledger, known);
  return known;
}

interface Followed {
  record: ChangeRecord;
  /** Null while a look is under way. */
  next: Disposable | null;
}

/**
 * Where a provider enforces approvals of its own (B2), they are asked for there, followed, and applied once they are
 * given: nothing goes around them. A change meanwhile stands as `approval-required`. Everything that is known is in the
 * ledger, so that a restart goes on where this ended, and asks for nothing twice.
 */
export class ProviderApprovals implements Disposable {
  readonly #ports: ChangePorts;
  readonly #watched: () => boolean;
  readonly #followed = new Map<string, Followed>();
  readonly #stop = new AbortController();

  constructor(ports: ChangePorts, watched: () => boolean) {
    this.#ports = ports;
    this.#watched = watched;
  }

  /** Takes the change up, or its new state; what needs no approval any more is let go. */
  add(record: ChangeRecord): void {
    if (this.#stop.signal.aborted) return;
    const { hash } = record.change;
    const known = this.#followed.get(hash);
    if (!this.#isOpen(record)) {
      known?.next?.dispose();
      this.#followed.delete(hash);
    } else if (known !== undefined) {
      known.record = record;
    } else if (this.#providerOf(record) !== null) {
      const followed: Followed = { record, next: null };
      this.#followed.set(hash, followed);
      this.#plan(followed, 0);
    }
  }

  dispose(): void {
    this.#stop.abort(new ScramError('cancelled', 'no longer followed'));
    for (const { next } of this.#followed.values()) next?.dispose();
    this.#followed.clear();
  }

  #isOpen({ stage, approval, heldAtMs }: ChangeRecord): boolean {
    if (stage !== 'approval-required' || heldAtMs === null) return false;
    const age = this.#ports.clock.now() - heldAtMs;
    if (approval === null) return age < ASK_WITHIN_MS;
    return (approval.status === 'waiting' || approval.status === 'approved') && age < FOLLOW_MS;
  }

  #providerOf({ change }: ChangeRecord): FlagProvider | null {
    try {
      const { provider } = this.#ports.flags.connection(change.payload.connection);
      return provider.capabilities.approvals ? provider : null;
    } catch {
      // The configuration no longer has the connection: nobody to ask.
      return null;
    }
  }

  #plan(followed: Followed, delayMs: number): void {
    followed.next = this.#ports.clock.after(delayMs, async () => {
      followed.next = null;
      await this.#look(followed);
    });
  }

  async #look(followed: Followed): Promise<void> {
    const { hash } = followed.record.change;
    const still = (): boolean => !this.#stop.signal.aborted && this.#followed.get(hash) === followed;
    if (!this.#isOpen(followed.record)) {
      this.#followed.delete(hash);
      return;
    }
    try {
      const provider = this.#providerOf(followed.record);
      if (provider !== null && followed.record.approval === null) await this.#ask(followed.record, provider);
      else if (provider !== null) await this.#follow(followed, provider);
    } catch (error) {
      if (still()) this.#ports.log.warn('change.approval-not-followed', { hash, error: wordsOf(error) });
    }
    if (still()) this.#plan(followed, this.#watched() ? PACE_MS : SLOW_MS);
  }

  async #ask({ change }: ChangeRecord, provider: FlagProvider): Promise<void> {
    const { hash, payload } = change;
    const asking = askingOf(this.#ports.ledger);
    if (asking.has(hash)) return;
    asking.add(hash);
    try {
      const description = `Scram: ${payload.action} ${payload.flag} in ${payload.environment} (change ${hash.slice(0, 16)})`;
      const request = { ...requestOf(change, this.#ports.clock.now()), description };
      // Not cut off when the console lets go: what was made there must be known here.
      const asked = await within(this.#ports.clock, ANSWER_LIMIT_MS, [], async (limited) =>
        provider.requestApproval?.(request, limited),
      );
      if (asked !== undefined) this.#journal(hash, { ...asked, status: 'waiting', detail: null });
    } catch (error) {
      if (!(error instanceof ScramError)) throw error;
      if (error.code === 'conflict') return this.#end(hash, null, 'conflict', error.message);
      if (!FINAL.has(error.code)) throw error;
      this.#journal(hash, { id: '', url: null, status: 'failed', detail: error.message });
    } finally {
      asking.delete(hash);
    }
  }

  async #follow(followed: Followed, provider: FlagProvider): Promise<void> {
    const { approval, change } = followed.record;
    if (approval === null) return;
    const { environment } = change.payload;
    const look = () =>
      within(this.#ports.clock, ANSWER_LIMIT_MS, [this.#stop.signal], async (limited) =>
        provider.followApproval?.(approval.id, environment, limited),
      );
    let standing = await look();
    if (standing?.status === 'approved' && provider.applyApproval !== undefined) {
      const kept = await this.#apply(followed.record, provider);
      if (kept === 'ended') return;
      const after = await look();
      standing = after?.status === 'approved' ? { ...after, detail: kept ?? after.detail } : after;
    }
    if (standing === undefined || this.#stop.signal.aborted) return;
    const { status, detail } = standing;
    const entry = { ...approval, status, detail };
    const { hash } = change;
    switch (status) {
      case 'applied':
        return this.#end(hash, entry, 'accepted', null);
      case 'refused':
        return this.#end(hash, entry, 'refused', detail ?? 'the approval was refused at the provider');
      case 'failed':
        return this.#end(hash, entry, 'failed', detail ?? 'the provider could not apply what was approved');
      default:
        if (status !== approval.status || detail !== approval.detail) this.#journal(hash, entry);
    }
  }

  /** Has it written. Returns what keeps it from that for now, in words, null when nothing does. */
  async #apply({ approval, change }: ChangeRecord, provider: FlagProvider): Promise<string | null | 'ended'> {
    const { payload, hash } = change;
    const { environment } = payload;
    const { clock, flags, incidents } = this.#ports;
    if (approval === null) return null;
    const incident = incidents.heldBy(change);
    if (incident !== null) return `the incident «${incident.title}» is open: not applied while it is`;
    const held = holdOf(this.#ports, payload);
    if (held !== null) return held.message;
    const read = await within(clock, ANSWER_LIMIT_MS, [this.#stop.signal], (limited) =>
      flags.readNow(refOf(payload), environment, limited),
    );
    // Approved was what followed from the state that was shown, and from no other (D11).
    if (!isAt(this.#ports, read, payload.before) && !isAt(this.#ports, read, payload.after)) {
      const moved = `${payload.flag} in ${environment} changed after the approval was asked for; nothing was applied`;
      this.#end(hash, { ...approval, status: 'failed', detail: moved }, 'conflict', moved);
      return 'ended';
    }
    try {
      await within(clock, ANSWER_LIMIT_MS, [], async (limited) =>
        provider.applyApproval?.(approval.id, environment, limited),
      );
      return null;
    } catch (error) {
      // Whatever went wrong, the provider knows how it stands now: it is asked again.
      return wordsOf(error);
    }
  }

  #journal(hash: string, approval: Omit<ProviderApprovalData, 'kind' | 'hash'>): void {
    this.#ports.ledger.append({ kind: 'change.provider-approval', hash, ...approval });
  }

  /** How the approval ended and what that makes of the change, in one go. */
  #end(
    hash: string,
    approval: Omit<ProviderApprovalData, 'kind' | 'hash'> | null,
    outcome: 'accepted' | 'refused' | 'failed' | 'conflict',
    detail: string | null,
  ): void {
    const ended: EntryData[] = approval === null ? [] : [{ kind: 'change.provider-approval', hash, ...approval }];
    this.#ports.ledger.appendAll([...ended, { kind: 'change.result', hash, outcome, reconciled: false, detail }]);
  }
}
