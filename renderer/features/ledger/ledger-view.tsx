import { SearchX } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link, useSearch } from 'wouter';
import type { Entry } from '../../../shared/model/entry.ts';
import { Button, EmptyState, ErrorState, SearchInput, Skeleton } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { ChainsPage } from './chains-page.tsx';
import { EntryDetails } from './entry-details.tsx';
import { isFiltered, NO_FILTER, useFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import styles from './ledger.module.css';
import { Timeline } from './timeline.tsx';
import { useNames } from './use-names.ts';
import { useTimeline } from './use-timeline.ts';
import { VerifyButton } from './verify-button.tsx';

/** The record of the whole team (D6, D8): its timeline, and the chains that hold it. */
export function LedgerView() {
  const t = useText();
  const chains = new URLSearchParams(useSearch()).get('show') === 'chains';
  const tab = (href: string, here: boolean, words: string) => (
    <Link href={href} className={styles.tab ?? ''} aria-current={here ? 'page' : undefined}>
      {words}
    </Link>
  );
  return (
    <div className={styles.view}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('ledger.title')}</h1>
        {/* A list, not a second landmark of navigation: that is the views' own (H1). */}
        <ul className={styles.tabs} aria-label={t('ledger.parts')}>
          <li>{tab('/ledger', !chains, t('ledger.timeline'))}</li>
          <li>{tab('/ledger?show=chains', chains, t('ledger.chains'))}</li>
        </ul>
        <VerifyButton />
      </header>
      {chains ? <ChainsPage /> : <Record />}
    </div>
  );
}

function Record() {
  const t = useText();
  const { filter, change } = useFilter();
  const timeline = useTimeline(filter);
  const { loaded, error, renewing, generation, show, retry } = timeline;
  const names = useNames(loaded);
  const [open, setOpen] = useState<Entry | null>(null);
  const close = useCallback(() => setOpen(null), []);
  return (
    <>
      <div className={styles.toolbar}>
        <SearchInput
          label={t('ledger.search')}
          className={styles.search}
          maxLength={200}
          value={filter.search}
          onChange={(event) => change({ search: event.currentTarget.value })}
        />
        <FilterBar filter={filter} onChange={change} />
        <span role="status" className={styles.count}>
          {loaded === null ? null : t(isFiltered(filter) ? 'ledger.found' : 'ledger.count', { total: loaded.total })}
        </span>
      </div>
      {error ? (
        <ErrorState title={t('ledger.failed')} detail={error.message} action={error.action} onRetry={retry} />
      ) : null}
      <div className={styles.body}>
        {loaded === null ? (
          error ? null : (
            <div className={styles.loading}>
              <Skeleton lines={18} height={16} />
            </div>
          )
        ) : loaded.total > 0 ? (
          <Timeline
            key={generation}
            loaded={loaded}
            names={names}
            renewing={renewing}
            open={open?.hash ?? null}
            onOpen={setOpen}
            onSight={show}
          />
        ) : isFiltered(filter) ? (
          <EmptyState
            icon={SearchX}
            title={t('ledger.noneFound')}
            action={
              <Button size="s" onClick={() => change(NO_FILTER)}>
                {t('ledger.clear')}
              </Button>
            }
          >
            {t('ledger.noneFoundHint')}
          </EmptyState>
        ) : (
          <EmptyState title={t('ledger.empty')}>{t('ledger.emptyHint')}</EmptyState>
        )}
        {open === null ? null : <EntryDetails key={open.hash} entry={open} names={names} onClose={close} />}
      </div>
    </>
  );
}
