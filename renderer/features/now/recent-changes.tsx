import { Flag, Rocket } from 'lucide-react';
import type { Marker } from '../../../shared/model/marker.ts';
import { Code, EmptyState, Panel, Skeleton, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './now.module.css';

const MOST = 12;

/** While nothing burns: what changed last, newest first. */
export function RecentChanges({
  markers,
  loading,
  asOfMs,
}: {
  readonly markers: readonly Marker[];
  readonly loading: boolean;
  /** Since when nothing has been heard any more; null while it is live. */
  readonly asOfMs: number | null;
}) {
  const t = useText();
  const newest = [...markers].sort((a, b) => b.atMs - a.atMs).slice(0, MOST);
  return (
    <Panel title={t('now.changes')} flush stale={asOfMs !== null} asOfMs={asOfMs}>
      {loading ? (
        <div className={styles.padded}>
          <Skeleton />
        </div>
      ) : newest.length === 0 ? (
        <EmptyState title={t('now.changes.none')} />
      ) : (
        <ul className={styles.suspects}>
          {newest.map((marker) => (
            <Change key={marker.id} marker={marker} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Change({ marker }: { readonly marker: Marker }) {
  const t = useText();
  const Icon = marker.kind === 'flag' ? Flag : Rocket;
  const { fromPercentage: from, toPercentage: to } = marker;
  const share = from !== null && to !== null && from !== to ? `${from} → ${to} %` : null;
  const by = marker.ours ? t('now.ours') : marker.by === null ? null : t('now.by', { by: marker.by });
  return (
    <li className={styles.suspect}>
      <Icon aria-hidden size={14} className={styles.changeIcon} />
      <div className={styles.suspectWords}>
        <Code strong>{marker.subject}</Code>
        <p>
          <Time atMs={marker.atMs} />
          {[share, by].filter((part) => part !== null).map((part) => ` · ${part}`)}
        </p>
      </div>
    </li>
  );
}
