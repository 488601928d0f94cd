import { Flag, OctagonX, Rocket } from 'lucide-react';
import { Link } from 'wouter';
import type { FlagRow } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Suspect } from '../../../shared/model/suspect.ts';
import { ActButton, Code, cx, EmptyState, Exposure, flagPath, Panel, Time, usePage } from '../../kit/index.ts';
import { useMessage, useText } from '../../messages/index.ts';
import styles from './now.module.css';

export interface SuspectsProps {
  readonly suspects: readonly Suspect[];
  readonly rows: readonly FlagRow[];
  readonly environment: string;
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** Changes that may explain the breach, ranked, each with the reasons for its rank (A7), and a way to switch it off. */
export function Suspects({ suspects, rows, environment, stale, asOfMs }: SuspectsProps) {
  const t = useText();
  return (
    <Panel title={t('now.suspects')} flush stale={stale} asOfMs={stale ? asOfMs : null}>
      {suspects.length === 0 ? (
        <EmptyState title={t('now.suspects.none')}>{t('now.suspects.noneHint')}</EmptyState>
      ) : (
        <ol className={styles.suspects} aria-label={t('now.suspects')}>
          {suspects.map((suspect, index) => (
            <SuspectLine
              key={suspect.marker.id}
              suspect={suspect}
              rank={index + 1}
              row={rowOf(rows, suspect.marker)}
              environment={environment}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
}

export function rowOf(rows: readonly FlagRow[], marker: Marker): FlagRow | undefined {
  if (marker.kind !== 'flag') return undefined;
  return rows.find((row) => row.key === marker.subject && row.connection === marker.connection);
}

interface LineProps {
  readonly suspect: Suspect;
  readonly rank: number;
  readonly row: FlagRow | undefined;
  readonly environment: string;
}

function SuspectLine({ suspect, rank, row, environment }: LineProps) {
  const t = useText();
  const tm = useMessage();
  const askKill = usePage((page) => page.askKill);
  const { marker, reasons } = suspect;
  const selected = usePage(
    (page) => page.selected?.key === marker.subject && page.selected.connection === marker.connection,
  );
  const [lead, ...more] = reasons;
  const Icon = marker.kind === 'flag' ? Flag : Rocket;
  return (
    <li className={cx(styles.suspect, rank === 1 && styles.first)} data-selected={selected || undefined}>
      <span className={styles.rank}>{rank}</span>
      <div className={styles.suspectWords}>
        <div className={styles.subject}>
          <Icon aria-hidden size={13} />
          {row ? (
            <Link href={flagPath(row)} className={styles.subjectLink ?? ''}>
              <Code strong>{marker.subject}</Code>
            </Link>
          ) : (
            <Code strong>{marker.subject}</Code>
          )}
        </div>
        <p>
          <Time atMs={marker.atMs} />
          {lead ? ` · ${tm(lead)}` : null}
        </p>
        {more.length > 0 ? (
          <ul className={styles.reasons}>
            {more.map((reason) => (
              <li key={reason.id}>{tm(reason)}</li>
            ))}
          </ul>
        ) : null}
        {row ? <Exposure exposure={row.exposure} percentage={row.percentage} killed={row.killed} /> : null}
      </div>
      {row?.killable && !row.killed ? (
        <ActButton
          variant={rank === 1 ? 'danger' : 'default'}
          icon={OctagonX}
          aria-label={t('now.suspects.kill', { key: row.key })}
          onClick={() => askKill({ connection: row.connection, key: row.key, environment })}
        >
          {t('now.suspects.killShort')}
        </ActButton>
      ) : null}
    </li>
  );
}
