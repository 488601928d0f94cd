import { SearchX } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useSearch } from 'wouter';
import { create } from 'zustand';
import { useStream } from '../../client/index.ts';
import {
  Button,
  clockTime,
  EmptyState,
  ErrorState,
  SearchInput,
  Skeleton,
  StatusPill,
  usePage,
} from '../../kit/index.ts';
import { viewKeys } from '../../kit/view-keys.ts';
import { useText } from '../../messages/index.ts';
import { type FlagFilter, filterRows, NO_FILTER } from './filter.ts';
import { BulkBar } from './bulk-bar.tsx';
import { FilterBar } from './filter-bar.tsx';
import { FlagTable } from './flag-table.tsx';
import styles from './flags.module.css';

interface FilterState {
  readonly filter: FlagFilter;
  change(change: Partial<FlagFilter>): void;
}

/** Kept while the page is open: going to a flag and back finds the same list. */
const useFilter = create<FilterState>()((set) => ({
  filter: NO_FILTER,
  change: (change) => set((state) => ({ filter: { ...state.filter, ...change } })),
}));

export function FlagsView({ environment }: { readonly environment: string }) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('flags.watch', { environment });
  const { filter, change } = useFilter();
  const { query, ...choices } = filter;
  const select = usePage((state) => state.select);
  const rows = data?.rows;
  const shown = useMemo(() => (rows ? filterRows(rows, filter) : []), [rows, filter]);
  // "Flags of checkout" in the palette leads here.
  const asked = new URLSearchParams(useSearch()).get('service');
  useEffect(() => {
    if (asked !== null) change({ ...NO_FILTER, service: asked });
  }, [asked, change]);
  const stale = status === 'stale' || (status === 'error' && rows !== undefined);
  return (
    <div className={styles.view} data-stale={stale || undefined}>
      <header className={styles.toolbar}>
        <h1 className={styles.title}>{t('flags.title')}</h1>
        <SearchInput
          label={t('flags.find')}
          className={styles.search}
          value={query}
          onChange={(event) => change({ query: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
            event.preventDefault();
            select(null);
            viewKeys()?.move(1);
          }}
        />
        <BulkBar environment={environment} service={filter.service} />
        <span className={styles.count} role="status">
          {rows ? <Count shown={shown.length} total={rows.length} /> : null}
        </span>
        <FilterBar rows={rows ?? NOTHING} onChange={change} {...choices} />
      </header>
      {stale && receivedAtMs !== null ? (
        <p className={styles.staleStrip}>
          <StatusPill tint="amber" quiet>
            {t('flags.stalePanel', { time: clockTime(receivedAtMs, true) })}
          </StatusPill>
        </p>
      ) : null}
      {rows === undefined ? (
        error ? (
          <ErrorState title={t('flags.failed')} detail={error.message} action={error.action} />
        ) : (
          <div className={styles.loading}>
            <Skeleton lines={14} height={20} />
          </div>
        )
      ) : rows.length === 0 ? (
        <EmptyState title={t('flags.emptyTitle', { environment })}>{t('flags.empty')}</EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState
          title={t('flags.noMatchTitle')}
          icon={SearchX}
          action={
            <Button size="s" onClick={() => change(NO_FILTER)}>
              {t('flags.clear')}
            </Button>
          }
        >
          {t('flags.noMatch', { environment })}
        </EmptyState>
      ) : (
        <FlagTable rows={shown} environment={environment} />
      )}
    </div>
  );
}

const NOTHING: readonly never[] = [];

function Count({ shown, total }: { readonly shown: number; readonly total: number }) {
  const t = useText();
  return shown === total ? t('flags.count', { shown }) : t('flags.countOf', { shown, total });
}
