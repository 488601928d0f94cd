import { memo, useMemo } from 'react';
import type { FlagRow } from '../../../shared/model/flag.ts';
import { Select } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { type FlagFilter, servicesOf } from './filter.ts';
import styles from './flags.module.css';

const TYPES = ['release', 'experiment', 'permission', 'ops'] as const;
const EXPOSURES = ['everyone', 'some', 'nobody', 'code-default', 'unknown'] as const;

export interface FilterBarProps extends Omit<FlagFilter, 'query'> {
  readonly rows: readonly FlagRow[];
  readonly onChange: (change: Partial<FlagFilter>) => void;
}

/** Not drawn again while someone types: a key press has 50 ms to show its first row. */
export const FilterBar = memo(function FilterBar({ rows, onChange, ...filter }: FilterBarProps) {
  const t = useText();
  const services = useMemo(() => servicesOf(rows), [rows]);
  const all = { value: '', label: t('flags.all') };
  return (
    <fieldset className={styles.filters} aria-label={t('flags.filters')}>
      <Select
        label={t('flags.filterType')}
        value={filter.type}
        options={[all, ...TYPES.map((value) => ({ value, label: t(`flags.type.${value}`) }))]}
        onChoose={(value) => onChange({ type: TYPES.find((each) => each === value) ?? '' })}
      />
      <Select
        label={t('flags.filterState')}
        value={filter.exposure}
        options={[all, ...EXPOSURES.map((value) => ({ value, label: t(`flags.state.${value}`) }))]}
        onChoose={(value) => onChange({ exposure: EXPOSURES.find((each) => each === value) ?? '' })}
      />
      <Select
        label={t('flags.filterService')}
        value={filter.service}
        options={[all, ...services.map((value) => ({ value, label: value }))]}
        onChoose={(service) => onChange({ service })}
      />
      <Check label={t('flags.onlyKilled')} checked={filter.killed} onChange={(killed) => onChange({ killed })} />
      <Check label={t('flags.onlyStale')} checked={filter.stale} onChange={(stale) => onChange({ stale })} />
    </fieldset>
  );
});

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
