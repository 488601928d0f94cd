// biome-ignore-all lint/a11y/useSemanticElements: lines are placed by hand, which a table element does not let one do
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read, their buttons take the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the button in the line opens it by keyboard; a press beside it too
import { EyeOff, MonitorCog, PenLine } from 'lucide-react';
import { memo } from 'react';
import type { Entry } from '../../../shared/model/entry.ts';
import { clockTime, cx, MarkedText, plainText, StatusPill, Time, utcTime } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { describeEntry } from './describe.ts';
import { groupOf, iconOf } from './groups.ts';
import type { Names } from './names.ts';
import styles from './timeline.module.css';

interface Position {
  /** Place in the list, from 0. */
  readonly index: number;
  /** Place counted from the oldest entry, which stays the same. */
  readonly place: number;
  readonly top: number;
}

export interface TimelineLineProps extends Position {
  readonly entry: Entry;
  readonly names: Names;
  /** The day, where it begins; null elsewhere. */
  readonly day: string | null;
  readonly newDay: boolean;
  readonly backdated: boolean;
  readonly selected: boolean;
  readonly onOpen: (entry: Entry) => void;
  readonly onFocus: (place: number) => void;
}

/** One entry in words: when, what kind, who, what, with what result, and whether a person signed it. */
export const TimelineLine = memo(function TimelineLine(props: TimelineLineProps) {
  const { entry, names, index, place, top, day, newDay, selected, onOpen, onFocus } = props;
  const t = useText();
  const { atMs, by, data, device } = entry.body;
  const { text, result } = describeEntry(t, data, names, by?.operator ?? null);
  const Icon = data.kind === 'redacted' ? EyeOff : iconOf(data.kind);
  const words = plainText(text);
  const who = by === undefined ? names.console(device) : names.person(by.operator);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-selected={selected || undefined}
      data-new-day={newDay || undefined}
      data-redacted={data.kind === 'redacted' || undefined}
      className={cx(styles.line, styles.columns)}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(entry)}
      onFocus={() => onFocus(place)}
    >
      <div role="cell" className={styles.day}>
        {day}
      </div>
      <div role="cell">
        <time dateTime={new Date(atMs).toISOString()} title={`${clockTime(atMs, true)} · ${utcTime(atMs)}`}>
          {clockTime(atMs, true)}
        </time>
      </div>
      <div role="cell" className={cx(styles.clip, styles.muted, styles.ago)}>
        <Time atMs={atMs} />
      </div>
      <div role="cell" className={cx(styles.clip, styles.kind)}>
        <Icon aria-hidden size={14} />
        <span className={styles.kindWord}>{t(`ledger.group.${groupOf(data.kind)}`)}</span>
      </div>
      <div role="cell" className={cx(styles.clip, by === undefined ? styles.muted : styles.who)} title={who}>
        {who}
      </div>
      <div role="cell" className={styles.what}>
        <button type="button" data-place={place} className={styles.words} title={words}>
          <span className={styles.clip}>
            <MarkedText text={text} />
          </span>
        </button>
        {props.backdated ? (
          <StatusPill tint="amber" title={t('ledger.backdatedHint')}>
            {t('ledger.backdated')}
          </StatusPill>
        ) : null}
        {result === null ? null : (
          <span className={styles.result}>
            <StatusPill tint={result.tint}>{result.text}</StatusPill>
          </span>
        )}
      </div>
      <div
        role="cell"
        className={cx(styles.mark, by === undefined && styles.muted)}
        title={
          by === undefined
            ? t('ledger.notedHint', { console: names.console(device) })
            : t('ledger.signedHint', { person: names.person(by.operator), key: by.key })
        }
      >
        {by === undefined ? <MonitorCog aria-hidden size={13} /> : <PenLine aria-hidden size={13} />}
        <span className={styles.markWord}>{t(by === undefined ? 'ledger.noted' : 'ledger.signed')}</span>
      </div>
    </div>
  );
});

/** A line that is still being fetched keeps its place. */
export function WaitingLine({ index, top }: Position) {
  const t = useText();
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={cx(styles.line, styles.waiting)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="cell" className={styles.bar}>
        <span className="visually-hidden">{t('kit.loading')}</span>
      </div>
    </div>
  );
}
