import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Chain } from '../../../shared/model/team.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { Chains, Refusal, Trust } from './api.ts';
import { Countersigned, createCountersigner } from './countersigner.ts';
import type { Delivery } from './delivery.ts';
import { contentOf, entryOf } from './entry-row.ts';
import { isRow, judgeOwn, judgeRows, type TakenRow } from './judge.ts';
import { createQuarantine } from './quarantine.ts';
import { isRedactable, redactionsIn } from './redaction.ts';
import { chainRows, segmentsOf } from './segments.ts';
import type { LedgerRow, LedgerStore, Signer } from './store.ts';
import type { ChainProblem, ChainStart, KnownHead } from './verify.ts';

interface ChainsOptions {
  readonly store: LedgerStore;
  readonly signer: Signer;
  /** The ledger's own. */
  readonly device: string;
  readonly clock: Pick<Clock, 'now'> & Partial<Pick<Clock, 'after'>>;
  readonly log: Log | undefined;
  readonly delivery: Delivery;
  readonly append: (data: EntryData) => Entry;
  readonly scrub: () => void;
  /** The newest entry of the ledger's own chain. */
  readonly own: () => Pick<LedgerRow, 'sequence' | 'hash'>;
  /** Writes entries of this device in one transaction with `also`; the returned function goes on after it. */
  readonly writeWith: (data: readonly EntryData[], also: () => void) => () => void;
}

export interface OwnChains extends Omit<Chains, 'chains'>, Disposable {
  listed(problemOf: (device: string) => ChainProblem | null): readonly Chain[];
  /** The head of another device's chain as this process saw it on disk. */
  known(device: string): KnownHead | undefined;
  tookOwn(entries: readonly Entry[]): void;
}

/** The chains of other devices in a ledger (D8), each row verified before it is taken over. */
export function createChains(options: ChainsOptions): OwnChains {
  const { store, device: own, clock } = options;
  const tips = new Map<string, ChainStart>();
  const quarantine = createQuarantine(store);
  const countersigned = new Countersigned();
  const countersigner = createCountersigner(clock, heads, () => {
    const data = countersigner.due();
    if (data === null) return;
    options.append(data);
    countersigner.done();
  });

  for (const device of store.devices()) {
    const [first, last] = [store.at(device, 1), store.last(device)];
    if (device === own || first === null || last === null) continue;
    const publicKey = String(contentOf(first).data?.publicKey);
    tips.set(device, { entries: last.sequence, hash: last.hash, publicKey });
  }
  for (const row of store.ofKind('head.countersigned')) countersigned.note(row.device, entryOf(row).body.data);

  function heads(): Map<string, { sequence: number; hash: string }> {
    const { sequence, hash } = options.own();
    const all = new Map([[own, { sequence, hash }]]);
    for (const [device, tip] of tips) all.set(device, { sequence: tip.entries, hash: tip.hash });
    return all;
  }

  function receive(rows: readonly LedgerRow[], trust: Trust): { taken: number; refused: readonly Refusal[] } {
    const taken: TakenRow[] = [];
    const refused: Refusal[] = [];
    for (const [device, offered] of byDevice(rows, refused)) {
      const heldAt = (sequence: number) => store.at(device, sequence);
      if (device === own) {
        refused.push(...judgeOwn(offered, options.signer.publicKey, options.own().sequence, heldAt));
      } else if (!trust.knowsDevice(device)) {
        const [row] = offered;
        if (row !== undefined) refused.push({ row, what: 'is of a device that the roster does not name' });
      } else {
        const judged = judgeRows(device, offered, tips.get(device) ?? null, heldAt, trust);
        for (const item of judged.taken) taken.push(item);
        refused.push(...judged.refused);
      }
    }
    keep(taken, refused, trust);
    return { taken: taken.length, refused };
  }

  /** All in one transaction: what was taken, what was refused, and what this device says about both. */
  function keep(taken: readonly TakenRow[], refused: readonly Refusal[], trust: Trust): void {
    const before = new Map(tips);
    for (const { row, entry } of taken) {
      const publicKey = tips.get(row.device)?.publicKey ?? publicKeyOf(entry);
      tips.set(row.device, { entries: row.sequence, hash: row.hash, publicKey });
    }
    try {
      write(taken, refused, trust, before);
    } catch (cause) {
      tips.clear();
      for (const [device, tip] of before) tips.set(device, tip);
      if (cause instanceof ScramError) throw cause;
      throw new ScramError('ledger', `entries of other devices could not be written: ${(cause as Error).message}`, {
        action: 'Check the disk of the data folder (full, read-only, removed). Nothing was taken over.',
        cause,
      });
    }
  }

  function write(
    taken: readonly TakenRow[],
    refused: readonly Refusal[],
    trust: Trust,
    before: ReadonlyMap<string, ChainStart>,
  ): void {
    const entries = taken.map(({ entry }) => entry);
    const redactions = redactionsIn(entries, trust);
    const news = quarantine.fresh(refused);
    for (const [device, grown] of Map.groupBy(entries, ({ body }) => body.device)) {
      countersigner.grown(device, grown, !before.has(device));
    }
    const due = countersigner.due();
    const said: EntryData[] = news.map(({ row: { device, sequence, hash }, what }) => ({
      kind: 'chain.quarantined',
      device,
      sequence,
      hash,
      what,
    }));
    if (due !== null) said.push(due);
    if (taken.length === 0 && said.length === 0) return;

    const keptAtMs = Math.trunc(clock.now());
    const goOn = options.writeWith(said, () => {
      store.appendAll(taken.map(({ row, entry }) => withoutRedacted(row, entry)));
      for (const { row, what } of news) store.quarantine({ ...row, what, keptAtMs });
      for (const { device, sequence, hash } of redactions) {
        const held = store.at(device, sequence);
        if (held === null || held.hash !== hash || mayLose(entryOf(held))) store.redact(device, sequence, hash);
      }
    });
    if (due !== null) countersigner.done();
    for (const { body } of entries) countersigned.note(body.device, body.data);
    options.delivery.add(entries);
    goOn();
    if (redactions.length > 0) options.scrub();
    for (const { row, what } of news) {
      const event = row.device === own ? 'ledger-own-chain-forked' : 'ledger-entry-quarantined';
      options.log?.error(event, { device: row.device, sequence: row.sequence, problem: what });
    }
    options.delivery.deliver();
  }

  /** The row as it is kept: without its words where they were redacted before it came. */
  function withoutRedacted(row: LedgerRow, entry: Entry): LedgerRow {
    const gone = row.data !== null && isRedactable(entry) && store.isRedacted(row.device, row.sequence, row.hash);
    return gone ? { ...row, data: null } : row;
  }

  /** Those in segments too: a console that was away for long is still given the whole chain. */
  function rowsAfter(device: string, after: number, limit: number): readonly LedgerRow[] {
    if (after >= (segmentsOf(store, device).at(-1)?.to ?? 0)) return store.rowsAfter(device, after, limit);
    const rows: LedgerRow[] = [];
    for (const row of chainRows(store, device, after)) {
      // What comes after a gap could not be taken over anywhere.
      if ('segment' in row || rows.length === limit) break;
      rows.push(row);
    }
    return rows;
  }

  return {
    known(device) {
      const tip = tips.get(device);
      return tip === undefined ? undefined : { entries: tip.entries, hash: tip.hash };
    },
    tookOwn(entries) {
      for (const { body } of entries) countersigned.note(own, body.data);
    },
    heads,
    receive,
    listed(problemOf) {
      const aside = new Map(quarantine.standing().map((row) => [row.device, row]));
      const bare = quarantine.wordless();
      return [...heads()].map(([device, { sequence, hash }]) => {
        const problem = problemOf(device);
        const refused = aside.get(device);
        return {
          device,
          // Who unlocks a device is for the roster to say.
          operators: [],
          here: device === own,
          entries: sequence,
          hash,
          lastAtMs: store.last(device)?.atMs ?? null,
          countersigned: countersigned.of(device),
          problem:
            problem !== null
              ? `entry ${problem.sequence} ${problem.what}`
              : refused !== undefined
                ? `entry ${refused.sequence} ${refused.what}`
                : (bare.get(device) ?? null),
        };
      });
    },
    rowsAfter,
    quarantined: () =>
      quarantine.standing().map(({ device, sequence, hash, what, keptAtMs }) => ({
        device,
        sequence,
        hash,
        what,
        atMs: keptAtMs,
      })),
    timeline(query) {
      const { total, rows } = store.timeline(query);
      return { total, entries: rows.map(entryOf) };
    },
    dispose: () => countersigner.dispose(),
  };
}

/** Rows by their device, in the order of their sequences. What is no row by its form is refused. */
function byDevice(rows: readonly LedgerRow[], refused: Refusal[]): Map<string, LedgerRow[]> {
  const wellFormed: LedgerRow[] = [];
  for (const row of rows) {
    if (isRow(row)) wellFormed.push(row);
    else refused.push({ row, what: 'is no row of a ledger' });
  }
  const groups = Map.groupBy(wellFormed, ({ device }) => device);
  for (const group of groups.values()) group.sort((a, b) => a.sequence - b.sequence);
  return groups;
}

/** Whether a redaction of it is recorded here; also of what came without its words already. */
function mayLose(entry: Entry): boolean {
  return entry.body.data.kind === 'redacted' || isRedactable(entry);
}

function publicKeyOf({ body }: Entry): string {
  return body.data.kind === 'device.created' ? body.data.publicKey : '';
}
