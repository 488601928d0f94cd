import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Disposable } from '../ports.ts';
import { breakGlassOverdue } from './break-glass-messages.ts';

/** Entries of the record that are looked through at once. */
const PAGE = 500;

export interface OverdueOptions {
  readonly glass: () => readonly BreakGlassItem[];
  readonly device: string;
  readonly ledger: Pick<Ledger, 'page'>;
  readonly clock: Clock;
  readonly send: (message: NotifyMessage) => void;
}

/** A review that nobody made has no entry that would tell of it (D3): the console that broke the glass watches the time. */
export function watchOverdue({ glass, device, ledger, clock, send }: OverdueOptions): Disposable & { look(): void } {
  const told = new Set<string>();
  let timer: Disposable | null = null;
  let first = true;

  function look(): void {
    timer?.dispose();
    timer = null;
    const nowMs = clock.now();
    const open = glass().filter((item) => item.glass.device === device && item.review === null);
    const due = open.filter((item) => item.glass.reviewByMs <= nowMs && !told.has(item.glass.id));
    const before = first && due.length > 0 ? lastToldMs(Math.min(...due.map((item) => item.glass.reviewByMs))) : null;
    first = false;
    for (const item of due) {
      told.add(item.glass.id);
      // An earlier run told of everything that was overdue by then.
      if (before !== null && item.glass.reviewByMs <= before) continue;
      send(breakGlassOverdue({ glass: item.glass, who: item.operatorName, atMs: nowMs }));
    }
    const next = Math.min(...open.map((item) => item.glass.reviewByMs).filter((atMs) => atMs > nowMs));
    if (Number.isFinite(next)) timer = clock.after(next - nowMs, look);
  }

  /** When this device last told of an overdue review, at or after a time. */
  function lastToldMs(sinceMs: number): number | null {
    for (let before: number | undefined; ; ) {
      const page = ledger.page({ sinceMs, limit: PAGE, ...(before === undefined ? {} : { before }) });
      const found = page.find(
        ({ body: { data } }) => data.kind === 'notify.sent' && data.event === 'break-glass-overdue',
      );
      if (found) return found.body.atMs;
      const oldest = page.at(-1);
      if (page.length < PAGE || oldest === undefined) return null;
      before = oldest.body.sequence;
    }
  }

  return {
    look,
    dispose() {
      timer?.dispose();
      timer = null;
    },
  };
}
