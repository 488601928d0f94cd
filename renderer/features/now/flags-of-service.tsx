import { OctagonX } from 'lucide-react';
import { Link } from 'wouter';
import type { FlagRow } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Suspect } from '../../../shared/model/suspect.ts';
import {
  Badge,
  ActButton,
  Code,
  cx,
  EmptyState,
  Exposure,
  flagPath,
  Panel,
  Skeleton,
  Table,
  Td,
  Th,
  Time,
  Tr,
  usePage,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './now.module.css';

export interface FlagsOfServiceProps {
  readonly service: string;
  readonly rows: readonly FlagRow[];
  readonly loading: boolean;
  readonly suspects: readonly Suspect[];
  /** Changes of the last hour. */
  readonly markers: readonly Marker[];
  readonly environment: string;
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** Every switch of the service in breach. A suspect's Kill button stands with the suspects, and only there. */
export function FlagsOfService({
  service,
  rows,
  loading,
  suspects,
  markers,
  environment,
  stale,
  asOfMs,
}: FlagsOfServiceProps) {
  const t = useText();
  const title = t('now.flags', { service });
  return (
    <Panel title={title} flush stale={stale} asOfMs={stale ? asOfMs : null}>
      {loading ? (
        <div className={styles.padded}>
          <Skeleton />
        </div>
      ) : rows.length === 0 ? (
        <EmptyState title={t('now.flags.none', { service })} />
      ) : (
        <Table label={title}>
          <thead>
            <tr>
              <Th>{t('now.flags.key')}</Th>
              <Th>{t('now.flags.state')}</Th>
              <Th className={styles.serves}>{t('now.flags.serves')}</Th>
              <Th className={styles.rules}>{t('now.flags.targeting')}</Th>
              <Th>{t('now.flags.changed')}</Th>
              <Th>
                <span className="visually-hidden">{t('now.flags.action')}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Line
                key={`${row.connection}/${row.key}`}
                row={row}
                rank={rankOf(suspects, row)}
                changedAtMs={changedAt(markers, row)}
                environment={environment}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}

/** 1 for the first suspect; null when the flag is none. */
function rankOf(suspects: readonly Suspect[], row: FlagRow): number | null {
  const index = suspects.findIndex(({ marker }) => marker.subject === row.key && marker.connection === row.connection);
  return index < 0 ? null : index + 1;
}

/** The last change known of the flag, from the provider or from what was seen in the last hour; null when none is. */
export function changedAt(markers: readonly Marker[], row: FlagRow): number | null {
  const own = markers.filter(({ subject, connection }) => subject === row.key && connection === row.connection);
  const times = [...own.map(({ atMs }) => atMs), ...(row.changedAtMs === null ? [] : [row.changedAtMs])];
  return times.length === 0 ? null : Math.max(...times);
}

function Line({
  row,
  rank,
  changedAtMs,
  environment,
}: {
  readonly row: FlagRow;
  readonly rank: number | null;
  readonly changedAtMs: number | null;
  readonly environment: string;
}) {
  const t = useText();
  const askKill = usePage((page) => page.askKill);
  const selected = usePage((page) => page.selected?.key === row.key && page.selected.connection === row.connection);
  return (
    <Tr selected={selected}>
      <Th scope="row" className={styles.key}>
        <Link href={flagPath(row)} className={styles.subjectLink ?? ''}>
          <Code>{row.key}</Code>
        </Link>
        {row.critical ? (
          <>
            {' '}
            <Badge>{t('now.flags.critical')}</Badge>
          </>
        ) : null}
      </Th>
      <Td>
        <Exposure exposure={row.exposure} percentage={row.percentage} killed={row.killed} />
      </Td>
      <Td className={cx(styles.nowrap, styles.serves)}>{row.serves === null ? '–' : <Code>{row.serves}</Code>}</Td>
      <Td className={cx(styles.targeting, styles.rules)} title={row.targeting ?? undefined}>
        {row.targeting ?? '–'}
      </Td>
      <Td className={styles.nowrap}>{changedAtMs === null ? '–' : <Time atMs={changedAtMs} />}</Td>
      <Td className={styles.action}>
        {rank !== null ? (
          <Badge>{t('now.flags.suspect', { rank })}</Badge>
        ) : row.killable && !row.killed ? (
          <ActButton
            size="s"
            icon={OctagonX}
            aria-label={t('now.suspects.kill', { key: row.key })}
            onClick={() => askKill({ connection: row.connection, key: row.key, environment })}
          >
            {t('now.suspects.killShort')}
          </ActButton>
        ) : null}
      </Td>
    </Tr>
  );
}
