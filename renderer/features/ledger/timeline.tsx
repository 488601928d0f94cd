// biome-ignore-all lint/a11y/useSemanticElements: lines are placed by hand, which a table element does not let one do
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read, their buttons take the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Entry } from '../../../shared/model/entry.ts';
import { Button, cx } from '../../kit/index.ts';
import { useViewKeys } from '../../kit/view-keys.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import { dayText, sameDay } from './day.ts';
import type { Names } from './names.ts';
import { backdated, entryAt, type Loaded } from './paging.ts';
import styles from './timeline.module.css';
import { TimelineLine, WaitingLine } from './timeline-line.tsx';

const LINE_PX = 34;
const HEAD_PX = 31;

export interface TimelineProps {
  readonly loaded: Loaded;
  readonly names: Names;
  readonly renewing: boolean;
  /** Hash of the entry whose details are open. */
  readonly open: string | null;
  readonly onOpen: (entry: Entry) => void;
  readonly onSight: (first: number, last: number) => void;
}

/** Every entry that fits, newest first; only the lines in sight are drawn and fetched. J and K walk, Enter opens. */
export function Timeline({ loaded, names, renewing, open, onOpen, onSight }: TimelineProps) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const { total } = loaded;
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    // Lines keep their place counted from the oldest: what is drawn stays drawn when new ones come in above.
    getItemKey: (index) => total - 1 - index,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    initialRect: { width: 1200, height: 720 },
  });
  const unread = useUnread(scroller, total);
  const older = useMemo(() => backdated(loaded), [loaded]);
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onSight(first, last), [first, last, onSight]);

  const at = cursor === null ? -1 : total - 1 - cursor;
  useViewKeys({
    move: (step) => {
      const index = Math.min(total - 1, Math.max(0, at + step));
      setCursor(total - 1 - index);
      virtual.scrollToIndex(index, { align: 'auto' });
      focusLine(scroller.current, total - 1 - index);
    },
    open: () => {
      const entry = entryAt(loaded, at);
      if (entry) onOpen(entry);
    },
  });
  const top = entryAt(loaded, Math.floor((virtual.scrollOffset ?? 0) / LINE_PX));

  return (
    <div className={styles.frame} data-renewing={renewing || undefined}>
      <div
        ref={scroller}
        role="table"
        aria-label={t('ledger.entries')}
        aria-rowcount={total + 1}
        aria-busy={renewing}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (H1)
        tabIndex={0}
        className={styles.table}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={cx(styles.columns, styles.headLine)}>
            <div role="columnheader" className={styles.topDay}>
              {top ? dayText(top.body.atMs, language) : t('ledger.columnDay')}
            </div>
            <div role="columnheader">{t('ledger.columnTime')}</div>
            <div role="columnheader" className={styles.ago}>
              {t('ledger.columnAgo')}
            </div>
            <div role="columnheader" className={styles.kind}>
              {t('ledger.columnKind')}
            </div>
            <div role="columnheader">{t('ledger.columnWho')}</div>
            <div role="columnheader">{t('ledger.columnWhat')}</div>
            <div role="columnheader" className={styles.mark}>
              {t('ledger.columnMark')}
            </div>
          </div>
        </div>
        <div role="rowgroup" className={styles.lines} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const entry = entryAt(loaded, item.index);
            const place = total - 1 - item.index;
            const position = { index: item.index, place, top: item.start - HEAD_PX };
            if (!entry) return <WaitingLine key={place} {...position} />;
            const above = item.index === 0 ? undefined : entryAt(loaded, item.index - 1);
            const newDay = above !== undefined && !sameDay(above.body.atMs, entry.body.atMs);
            return (
              <TimelineLine
                key={place}
                {...position}
                entry={entry}
                names={names}
                day={newDay ? dayText(entry.body.atMs, language) : null}
                newDay={newDay}
                backdated={older.has(entry.hash)}
                selected={cursor === place || open === entry.hash}
                onOpen={onOpen}
                onFocus={setCursor}
              />
            );
          })}
        </div>
      </div>
      <p role="status" className={styles.unread}>
        {unread.count === 0 ? null : (
          <Button size="s" variant="primary" icon={ArrowUp} onClick={unread.toTop}>
            {t('ledger.new', { count: unread.count })}
          </Button>
        )}
      </p>
    </div>
  );
}

/** What came in above while something else was being read: the lines stay where they are, and it is said how many. */
function useUnread(scroller: RefObject<HTMLDivElement | null>, total: number) {
  const [count, setCount] = useState(0);
  const before = useRef(total);
  useLayoutEffect(() => {
    const grown = total - before.current;
    before.current = total;
    const element = scroller.current;
    if (grown <= 0 || !element) return;
    element.scrollTop += grown * LINE_PX;
    setCount((now) => now + grown);
  }, [total, scroller]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The lines above count as read as they are scrolled to.
    const onScroll = () => setCount((now) => Math.min(now, Math.floor(element.scrollTop / LINE_PX)));
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller]);
  const toTop = () => {
    setCount(0);
    scroller.current?.scrollTo({ top: 0 });
    scroller.current?.focus({ preventScroll: true });
  };
  return { count, toTop };
}

/** The line may have to be drawn first: the list scrolls, then the focus follows. */
function focusLine(scroller: HTMLElement | null, place: number, tries = 5): void {
  const button = scroller?.querySelector<HTMLElement>(`[data-place="${place}"]`);
  if (button) button.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusLine(scroller, place, tries - 1));
}
