import { useCallback, useEffect, useRef, useState } from 'react';
import type { ScramError } from '../../../shared/model/error.ts';
import { toScramError, useClient, useStream } from '../../client/index.ts';
import { queryOf, type TimelineFilter } from './filter.ts';
import { HEAD, takeFirstPage } from './first-page.ts';
import { type Loaded, missingPage, NOTHING_LOADED, receivePage } from './paging.ts';

/** A key press need not be searched for at once: the next one may follow. */
const TYPING_MS = 180;
/** Until the list says what is in sight: few enough that nothing more is asked for before the first lines are painted. */
const FIRST_SIGHT: readonly [number, number] = [0, 0];

interface State {
  /** Null until the first page has come. */
  readonly loaded: Loaded | null;
  readonly error: ScramError | null;
  /** The filters have changed, and what is shown is still of the ones before. */
  readonly renewing: boolean;
  /** Another one for each set of filters. */
  readonly generation: number;
}

export interface Timeline extends State {
  /** Tells which lines are in sight, so that they are fetched; the newest is 0. */
  show(first: number, last: number): void;
  retry(): void;
}

/** Pages of the whole team's record, fetched as they are looked at; one request at a time (D8). */
export function useTimeline(filter: TimelineFilter): Timeline {
  const client = useClient();
  const query = JSON.stringify(queryOf(filter));
  const [asked, setAsked] = useState(query);
  const [state, setState] = useState<State>({ loaded: null, error: null, renewing: false, generation: 0 });
  const length = useRecordLength();
  const loop = useRef({
    query: asked,
    generation: 0,
    length,
    busy: false,
    head: true,
    sight: FIRST_SIGHT,
    loaded: NOTHING_LOADED,
  });

  useEffect(() => {
    const timer = setTimeout(() => setAsked(query), TYPING_MS);
    return () => clearTimeout(timer);
  }, [query]);

  const next = useCallback(() => {
    const own = loop.current;
    if (own.busy) return;
    const newest = { offset: 0, limit: HEAD };
    const page = own.head ? newest : missingPage(own.loaded, ...own.sight);
    if (page === null) return;
    own.busy = true;
    own.head = false;
    const { generation } = own;
    const asking =
      (own.query === '{}' && page === newest ? takeFirstPage(client) : null) ??
      client.call('ledger.timeline', { ...JSON.parse(own.query), ...page });
    asking.then(
      (answer) => {
        own.busy = false;
        if (generation === own.generation) {
          own.loaded = receivePage(own.loaded, { ...answer, offset: page.offset });
          setState({ loaded: own.loaded, error: null, renewing: false, generation });
        }
        next();
      },
      (thrown: unknown) => {
        own.busy = false;
        // Asked again by hand, or when something comes in: what fails is not repeated by itself.
        if (generation !== own.generation) return next();
        setState((before) => ({ ...before, error: toScramError(thrown), renewing: false }));
      },
    );
  }, [client]);

  useEffect(() => {
    const own = loop.current;
    if (own.query !== asked) {
      Object.assign(own, { query: asked, generation: own.generation + 1, loaded: NOTHING_LOADED, sight: FIRST_SIGHT });
      own.head = true;
      setState((before) => ({ ...before, error: null, renewing: true }));
    }
    next();
  }, [asked, next]);

  const again = useCallback(() => {
    loop.current.head = true;
    next();
  }, [next]);

  useEffect(() => {
    if (loop.current.length === length) return;
    loop.current.length = length;
    again();
  }, [length, again]);

  const show = useCallback(
    (first: number, last: number) => {
      loop.current.sight = [first, last];
      if (loop.current.loaded.total > 0) next();
    },
    [next],
  );
  return { ...state, show, retry: again };
}

/** Entries of every chain together: it grows when anything is written or received. */
function useRecordLength(): number {
  const own = useStream('console.watch', {}).data?.ledger.entries ?? 0;
  const chains = useStream('team.watch', {}).data?.chains ?? [];
  return own + chains.reduce((sum, chain) => sum + (chain.here ? 0 : chain.entries), 0);
}
