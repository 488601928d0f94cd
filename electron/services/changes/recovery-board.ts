import type { EntryData } from '../../../shared/model/entry.ts';
import type { Recovery } from '../../../shared/model/recovery.ts';
import { type Message, message } from '../../../shared/model/text.ts';
import type { Disposable } from '../ports.ts';
import { judge } from './judge.ts';
import type { ChangePorts } from './ports.ts';
import type { ChangeRecord } from './projection.ts';

const PACE_MS = 1_000;
/** Several samples of a moment are one look, milliseconds. */
const BURST_MS = 50;
/** After a restart the samples need a moment to arrive before a passed deadline is judged without them. */
const LOADING_MS = 15_000;
/** Changes of the same second have the same samples before and after them, and so the same verdict. */
const SAME_MS = 1_000;

interface Watch {
  readonly hash: string;
  readonly environment: string;
  readonly changedAtMs: number;
  readonly startedAtMs: number;
  /** SLIs without a final verdict, each with what is known of it. */
  readonly open: Map<string, Recovery>;
}

/**
 * Watches every affected SLI of accepted changes to its verdict (A4), keeping the samples live meanwhile. Changes of the
 * same moment are judged once: five hundred kills cost what one does.
 */
export class RecoveryBoard implements Disposable {
  readonly #ports: ChangePorts;
  readonly #onNews: (hash: string) => void;
  readonly #watches = new Map<string, Watch>();
  /** Watching is what makes the SLI service poll at its live pace. */
  readonly #subscriptions = new Map<string, Disposable>();
  readonly #verdicts = new Map<string, Recovery>();
  #verdictsAtMs = Number.NEGATIVE_INFINITY;
  #timer: Disposable | null = null;
  #soon: Disposable | null = null;

  constructor(ports: ChangePorts, onNews: (hash: string) => void) {
    this.#ports = ports;
    this.#onNews = onNews;
  }

  add(record: ChangeRecord): void {
    const { payload, hash } = record.change;
    const nowMs = this.#ports.clock.now();
    const journalled = new Set(record.recoveries.map((recovery) => recovery.sli));
    const watch: Watch = {
      hash,
      environment: payload.environment,
      changedAtMs: record.acceptedAtMs ?? nowMs,
      startedAtMs: nowMs,
      open: new Map(),
    };
    for (const sli of payload.affectedSlis) {
      if (!journalled.has(sli)) watch.open.set(sli, this.#judge(watch, sli));
    }
    if (watch.open.size === 0) return;
    this.#watches.set(hash, watch);
    for (const [place, filter] of placesOf(watch)) this.#subscribe(place, filter);
    this.#timer ??= this.#ports.clock.every(PACE_MS, () => this.#evaluate());
  }

  /** Verdicts as they stand: `watching`, or final. */
  recoveries(hash: string): readonly Recovery[] {
    return [...(this.#watches.get(hash)?.open.values() ?? [])];
  }

  /** Ends the watch without proof either way, and journals that. */
  abandon(hash: string, reason: Message): void {
    const watch = this.#watches.get(hash);
    if (watch === undefined) return;
    const ended = [...watch.open.values()].map(
      (recovery): Recovery => ({ ...recovery, verdict: 'cannot-tell', reason, recoveredAtMs: null, tookMs: null }),
    );
    this.#conclude(ended.map((recovery) => ({ watch, recovery })));
    this.#watches.delete(hash);
    this.#release();
  }

  dispose(): void {
    this.#watches.clear();
    this.#release();
  }

  #subscribe(place: string, filter: { environment: string; service: string }): void {
    if (this.#subscriptions.has(place)) return;
    this.#subscriptions.set(
      place,
      this.#ports.slis.watch(filter, () => this.#sampled()),
    );
  }

  /** Ends the subscriptions that no open watch needs any more. */
  #release(): void {
    const needed = new Set([...this.#watches.values()].flatMap((watch) => [...placesOf(watch).keys()]));
    for (const [place, subscription] of this.#subscriptions) {
      if (needed.has(place)) continue;
      subscription.dispose();
      this.#subscriptions.delete(place);
    }
    if (needed.size > 0) return;
    this.#timer?.dispose();
    this.#soon?.dispose();
    this.#timer = null;
    this.#soon = null;
  }

  #sampled(): void {
    if (this.#timer === null) return;
    this.#soon ??= this.#ports.clock.after(BURST_MS, () => {
      this.#soon = null;
      this.#evaluate();
    });
  }

  #evaluate(): void {
    this.#verdictsAtMs = Number.NEGATIVE_INFINITY;
    const final: { watch: Watch; recovery: Recovery }[] = [];
    const news: string[] = [];
    for (const watch of this.#watches.values()) {
      let moved = false;
      for (const [sli, last] of watch.open) {
        const recovery = this.#judge(watch, sli);
        if (recovery.verdict !== 'watching') final.push({ watch, recovery });
        else if (JSON.stringify(recovery) === JSON.stringify(last)) continue;
        watch.open.set(sli, recovery);
        moved = true;
      }
      if (moved) news.push(watch.hash);
    }
    if (final.length > 0) {
      this.#conclude(final);
      for (const [hash, { open }] of this.#watches) if (open.size === 0) this.#watches.delete(hash);
      this.#release();
    }
    for (const hash of news) this.#onNews(hash);
  }

  #judge(watch: Watch, sli: string): Recovery {
    const { environment, changedAtMs } = watch;
    const nowMs = this.#ports.clock.now();
    if (nowMs !== this.#verdictsAtMs) {
      this.#verdicts.clear();
      this.#verdictsAtMs = nowMs;
    }
    const same = JSON.stringify([sli, environment, Math.floor(changedAtMs / SAME_MS)]);
    const recovery = this.#verdicts.get(same) ?? judge(this.#ports, sli, environment, changedAtMs);
    this.#verdicts.set(same, recovery);
    const loading = recovery.samples === 0 && nowMs - watch.startedAtMs < LOADING_MS;
    return loading && recovery.verdict !== 'watching'
      ? { ...recovery, verdict: 'watching', reason: message('recovery.waiting-for-samples') }
      : recovery;
  }

  /** When the ledger cannot be written the SLIs stay open, and are judged again. */
  #conclude(final: readonly { watch: Watch; recovery: Recovery }[]): void {
    try {
      this.#ports.ledger.appendAll(
        final.map(({ watch, recovery }): EntryData => ({ kind: 'change.recovery', hash: watch.hash, recovery })),
      );
      for (const { watch, recovery } of final) watch.open.delete(recovery.sli);
    } catch (error) {
      this.#ports.log.error('change.recovery-watch-failed', { verdicts: final.length, error: String(error) });
    }
  }
}

/** Services whose samples the watch needs. */
function placesOf({ environment, open }: Watch): Map<string, { environment: string; service: string }> {
  const services = new Set([...open.keys()].map((sli) => sli.slice(0, sli.indexOf('/'))));
  return new Map([...services].map((service) => [JSON.stringify([environment, service]), { environment, service }]));
}
