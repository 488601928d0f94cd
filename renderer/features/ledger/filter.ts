import { create } from 'zustand';
import type { InputOf } from '../../../shared/contract/index.ts';
import { GROUP_KINDS, type Group } from './groups.ts';

export type Span = 'all' | 'hour' | 'day' | 'week' | 'between';

export interface TimelineFilter {
  readonly search: string;
  readonly group: Group | '';
  /** A console's id; empty for every console. */
  readonly device: string;
  readonly span: Span;
  /** Limits of the time, epoch ms; null where there is none. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

export const NO_FILTER: TimelineFilter = {
  search: '',
  group: '',
  device: '',
  span: 'all',
  sinceMs: null,
  untilMs: null,
};

const LENGTHS_MS: Readonly<Record<'hour' | 'day' | 'week', number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** The limits are fixed when a span is chosen: a list that is being read does not lose lines by itself. */
export function spanFilter(span: Span, nowMs: number): Pick<TimelineFilter, 'span' | 'sinceMs' | 'untilMs'> {
  if (span === 'all') return { span, sinceMs: null, untilMs: null };
  if (span === 'between') return { span, sinceMs: nowMs - LENGTHS_MS.day, untilMs: nowMs };
  return { span, sinceMs: nowMs - LENGTHS_MS[span], untilMs: null };
}

/** What the back end is asked for, without the page's limits. */
export function queryOf(filter: TimelineFilter): Omit<InputOf<'ledger.timeline'>, 'offset' | 'limit'> {
  const search = filter.search.trim().slice(0, 200);
  return {
    ...(search === '' ? {} : { search }),
    ...(filter.group === '' ? {} : { kinds: [...GROUP_KINDS[filter.group]] }),
    ...(filter.device === '' ? {} : { device: filter.device }),
    ...(filter.sinceMs === null ? {} : { sinceMs: filter.sinceMs }),
    ...(filter.untilMs === null ? {} : { untilMs: filter.untilMs }),
  };
}

export function isFiltered(filter: TimelineFilter): boolean {
  return Object.keys(queryOf(filter)).length > 0;
}

interface FilterState {
  readonly filter: TimelineFilter;
  change(change: Partial<TimelineFilter>): void;
}

/** Kept while the page is open: going elsewhere and back finds the same list. */
export const useFilter = create<FilterState>()((set) => ({
  filter: NO_FILTER,
  change: (change) => set((state) => ({ filter: { ...state.filter, ...change } })),
}));
