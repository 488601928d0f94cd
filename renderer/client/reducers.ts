import type { DeltaOf, SnapshotOf, StreamName } from '../../shared/contract/index.ts';
import type { SliDelta, SliView } from '../../shared/contract/slis.ts';
import type { FlagRow } from '../../shared/model/flag.ts';
import type { Series, SeriesName } from '../../shared/model/sli.ts';

/** Charts hold this much, milliseconds. */
export const CHART_SPAN_MS = 3_600_000;

/** What a stream's subscribers hold: the shape of its snapshot, kept up to date by the deltas. */
export type DataOf<K extends StreamName> = SnapshotOf<K>;

export type Reducer<K extends StreamName> = {
  start(snapshot: SnapshotOf<K>): DataOf<K>;
  apply(data: DataOf<K>, delta: DeltaOf<K>): DataOf<K>;
};

/** By key, then by connection, in code-unit order: ten thousand rows are sorted without a collator. */
function compareRows(a: { connection: string; key: string }, b: { connection: string; key: string }): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.connection === b.connection) return 0;
  return a.connection < b.connection ? -1 : 1;
}

/** Index of the row, or the bitwise complement of where it would stand. */
function find(rows: readonly FlagRow[], wanted: { connection: string; key: string }): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    const order = row ? compareRows(row, wanted) : 0;
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

/** Rows stay the same objects unless they changed, so that only changed lines are drawn again. */
export const flagRows: Reducer<'flags.watch'> = {
  start: (snapshot) => ({ rows: [...snapshot.rows].sort(compareRows) }),
  apply: (data, delta) => {
    const rows = data.rows.slice();
    for (const removal of delta.removals) {
      const at = find(rows, removal);
      if (at >= 0) rows.splice(at, 1);
    }
    for (const row of delta.upserts) {
      const at = find(rows, row);
      if (at >= 0) rows[at] = row;
      else rows.splice(~at, 0, row);
    }
    return { rows };
  },
};

/** Puts samples behind the ones held, replacing where they overlap, filling a hole with gaps, cutting to one hour. */
export function appendSeries(
  series: Series | undefined,
  append: { fromMs: number; values: (number | null)[] },
): Series | undefined {
  if (!series || append.values.length === 0) return series;
  const at = Math.round((append.fromMs - series.startMs) / series.stepMs);
  if (at < 0) return series;
  const most = Math.floor(CHART_SPAN_MS / series.stepMs) + 1;
  const extra = Math.max(0, at + append.values.length - most);
  // Copied once, and only what stays.
  const values = series.values.slice(extra, at);
  while (values.length < at - extra) values.push(null);
  values.push(...append.values.slice(Math.max(0, extra - at)));
  return { startMs: series.startMs + extra * series.stepMs, stepMs: series.stepMs, values };
}

const SERIES: readonly SeriesName[] = ['all', 'on', 'off'];

function updateSli(view: SliView, update: SliDelta): SliView {
  const series = { ...view.series };
  for (const name of SERIES) {
    const append = update.append[name];
    const next = append && appendSeries(series[name], append);
    if (next) series[name] = next;
  }
  const baseline = update.baseline === undefined ? view.baseline : update.baseline;
  return { sli: view.sli, status: update.status, baseline, series };
}

export const sliViews: Reducer<'slis.watch'> = {
  start: (snapshot) => snapshot,
  apply: (data, delta) => {
    const base = delta.reset ?? data.slis;
    if (delta.updates.length === 0) return { slis: base };
    const updates = new Map(delta.updates.map((update) => [update.sli, update]));
    return {
      slis: base.map((view) => {
        const update = updates.get(view.sli.id);
        return update ? updateSli(view, update) : view;
      }),
    };
  },
};

type Replacing =
  | 'console.watch'
  | 'now.watch'
  | 'flags.watchOne'
  | 'flags.drift'
  | 'changes.watch'
  | 'changes.watchBatch'
  | 'changes.recent'
  | 'people.watch'
  | 'approvals.watch'
  | 'incidents.watch'
  | 'vault.watch'
  | 'team.watch'
  | 'notify.watch';

/** The streams whose deltas are whole: the newest replaces. */
function replacing<K extends Replacing>(): Reducer<K> {
  return { start: (snapshot) => snapshot, apply: (_, delta) => delta as unknown as DataOf<K> };
}

export const reducers: { readonly [K in StreamName]: Reducer<K> } = {
  'flags.watch': flagRows,
  'slis.watch': sliViews,
  'console.watch': replacing(),
  'now.watch': replacing(),
  'flags.watchOne': replacing(),
  'flags.drift': replacing(),
  'changes.watch': replacing(),
  'changes.watchBatch': replacing(),
  'changes.recent': replacing(),
  'people.watch': replacing(),
  'approvals.watch': replacing(),
  'incidents.watch': replacing(),
  'vault.watch': replacing(),
  'team.watch': replacing(),
  'notify.watch': replacing(),
};
