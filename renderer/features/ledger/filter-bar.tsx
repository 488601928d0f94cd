import { memo } from 'react';
import { useRights, useStream } from '../../client/index.ts';
import { Select } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { type Span, spanFilter, type TimelineFilter } from './filter.ts';
import { GROUPS } from './groups.ts';
import styles from './ledger.module.css';
import { consoleName } from './names.ts';

const SPANS: readonly Span[] = ['all', 'hour', 'day', 'week', 'between'];

export interface FilterBarProps {
  readonly filter: TimelineFilter;
  readonly onChange: (change: Partial<TimelineFilter>) => void;
}

/** By kind, by console with the people who unlock it, by time. */
export const FilterBar = memo(function FilterBar({ filter, onChange }: FilterBarProps) {
  const t = useText();
  const { nameOf } = useRights();
  const chains = useStream('team.watch', {}).data?.chains ?? [];
  const consoles = chains.map((chain) => {
    const people = chain.operators.map(nameOf).join(', ');
    const here = t('ledger.thisConsole');
    const name = consoleName(chain.device, chains, here, nameOf);
    return { value: chain.device, label: chain.here && people !== '' ? `${people} · ${here}` : name };
  });
  return (
    <fieldset className={styles.filters} aria-label={t('ledger.filters')}>
      <Select
        label={t('ledger.filterKind')}
        value={filter.group}
        options={[
          { value: '', label: t('ledger.all') },
          ...GROUPS.map((group) => ({ value: group, label: t(`ledger.groups.${group}`) })),
        ]}
        onChoose={(value) => onChange({ group: GROUPS.find((each) => each === value) ?? '' })}
      />
      <Select
        label={t('ledger.filterConsole')}
        value={filter.device}
        options={[{ value: '', label: t('ledger.everyone') }, ...consoles]}
        onChoose={(device) => onChange({ device })}
      />
      <Select
        label={t('ledger.filterTime')}
        value={filter.span}
        options={SPANS.map((span) => ({ value: span, label: t(`ledger.span.${span}`) }))}
        onChoose={(value) => onChange(spanFilter(SPANS.find((each) => each === value) ?? 'all', Date.now()))}
      />
      {filter.span === 'between' ? (
        <>
          <Limit label={t('ledger.from')} atMs={filter.sinceMs} onChange={(sinceMs) => onChange({ sinceMs })} />
          <Limit label={t('ledger.to')} atMs={filter.untilMs} onChange={(untilMs) => onChange({ untilMs })} />
        </>
      ) : null}
    </fieldset>
  );
});

interface LimitProps {
  readonly label: string;
  readonly atMs: number | null;
  readonly onChange: (atMs: number | null) => void;
}

/** A time in the operator's zone. */
function Limit({ label, atMs, onChange }: LimitProps) {
  return (
    <label className={styles.limit}>
      <span>{label}</span>
      <input
        type="datetime-local"
        value={atMs === null ? '' : localText(atMs)}
        onChange={({ currentTarget: { value } }) => {
          const chosen = new Date(value).getTime();
          onChange(Number.isNaN(chosen) ? null : chosen);
        }}
      />
    </label>
  );
}

/** `2026-11-21T02:09`, as the browser's own field reads it. */
function localText(atMs: number): string {
  const date = new Date(atMs);
  return new Date(atMs - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
