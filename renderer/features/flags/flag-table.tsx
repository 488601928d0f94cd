// biome-ignore-all lint/a11y/useSemanticElements: lines are placed by hand, which a table element does not let one do
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read, their links and buttons take the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { FlagRow } from '../../../shared/model/flag.ts';
import { cx, usePage } from '../../kit/index.ts';
import { useViewKeys } from '../../kit/view-keys.ts';
import { useText } from '../../messages/index.ts';
import { FlagLine } from './flag-line.tsx';
import styles from './flags.module.css';

const LINE_PX = 36;
const HEAD_PX = 31;

export interface FlagTableProps {
  readonly rows: readonly FlagRow[];
  readonly environment: string;
}

/** Every flag of an environment; only the lines in sight are drawn. J and K walk, Enter opens, X asks for the kill. */
export function FlagTable({ rows, environment }: FlagTableProps) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const selected = usePage((state) => state.selected);
  const select = usePage((state) => state.select);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 4,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    initialRect: { width: 1200, height: 720 },
  });
  useViewKeys({
    move: (step) => {
      const at = rows.findIndex((row) => row.key === selected?.key && row.connection === selected.connection);
      const index = Math.min(rows.length - 1, Math.max(0, at + step));
      const row = rows[index];
      if (!row) return;
      select({ connection: row.connection, key: row.key });
      virtual.scrollToIndex(index, { align: 'auto' });
      focusLine(scroller.current, index);
    },
  });
  return (
    <div
      ref={scroller}
      role="table"
      aria-label={t('flags.table')}
      aria-rowcount={rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (H1)
      tabIndex={0}
      className={styles.table}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={cx(styles.columns, styles.headLine)}>
          <div role="columnheader">
            <span className="visually-hidden">{t('flags.columnMark')}</span>
          </div>
          <div role="columnheader">{t('flags.columnKey')}</div>
          <div role="columnheader">{t('flags.columnState')}</div>
          <div role="columnheader">{t('flags.columnRollout')}</div>
          <div role="columnheader" className={styles.targeting}>
            {t('flags.columnTargeting')}
          </div>
          <div role="columnheader" className={styles.services}>
            {t('flags.columnServices')}
          </div>
          <div role="columnheader" className={styles.owner}>
            {t('flags.columnOwner')}
          </div>
          <div role="columnheader">{t('flags.columnChanged')}</div>
          <div role="columnheader">
            <span className="visually-hidden">{t('flags.columnAction')}</span>
          </div>
        </div>
      </div>
      <div role="rowgroup" className={styles.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const isSelected = selected?.key === row.key && selected.connection === row.connection;
          return (
            <FlagLine
              key={`${row.connection}/${row.key}`}
              row={row}
              environment={environment}
              index={item.index}
              top={item.start - HEAD_PX}
              selected={isSelected}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The line may have to be drawn first: the list scrolls, then the focus follows. */
function focusLine(scroller: HTMLElement | null, index: number, tries = 5): void {
  const link = scroller?.querySelector<HTMLElement>(`[data-flag-index="${index}"]`);
  if (link) link.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusLine(scroller, index, tries - 1));
}
