import { RotateCw, Stethoscope } from 'lucide-react';
import type { ConnectionState, ConnectionStatus } from '../../../shared/model/connection.ts';
import { useAction } from '../../client/index.ts';
import { Button, Code, EmptyState, FilePath, StatusPill, Table, Td, Th, Time, type Tint, Tr } from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './health.module.css';
import { Probe, ProbeFailure } from './probe.tsx';

const TINT: Readonly<Record<ConnectionState, Tint>> = {
  'not-ready': 'grey',
  ready: 'green',
  stale: 'amber',
  error: 'red',
  fatal: 'red',
};

export function Connections({ connections }: { readonly connections: readonly ConnectionStatus[] }) {
  const t = useText();
  if (connections.length === 0) {
    return <EmptyState title={t('health.noConnections')}>{t('health.noConnectionsHint')}</EmptyState>;
  }
  return (
    <Table label={t('health.connections')}>
      <thead>
        <tr>
          <Th>{t('health.columnConnection')}</Th>
          <Th>{t('health.columnRole')}</Th>
          <Th>{t('health.columnState')}</Th>
          <Th>{t('health.columnRead')}</Th>
          <Th className={styles.numeric}>{t('health.columnItems')}</Th>
          <Th>{t('health.columnProblem')}</Th>
          <Th>
            <span className="visually-hidden">{t('health.retry')}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {connections.map((connection) => (
          <Connection key={connection.id} connection={connection} />
        ))}
      </tbody>
    </Table>
  );
}

function Connection({ connection }: { readonly connection: ConnectionStatus }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const retry = useAction('console.retryConnection');
  const probe = useAction('console.probe');
  const { id, kind, role, state, sinceMs, lastReadAtMs, fromCache, problem, items, environments } = connection;
  return (
    <>
      <Tr>
        <Th scope="row" className={styles.connection}>
          <Code strong>{id}</Code> <span className={styles.muted}>{kind}</span>
          {environments.map(({ name, theirs }) => (
            <div key={name} className={styles.muted}>
              {name} → {theirs === '' ? '–' : <FilePath path={theirs} />}
            </div>
          ))}
        </Th>
        <Td>{t(`health.role.${role}`)}</Td>
        <Td>
          <StatusPill tint={TINT[state]}>{t(`health.state.${state}`)}</StatusPill>
          <div className={styles.muted}>
            {t('health.since')} <Time atMs={sinceMs} />
          </div>
        </Td>
        <Td>
          {lastReadAtMs === null ? t('health.never') : <Time atMs={lastReadAtMs} />}
          {fromCache ? <span className={styles.muted}> · {t('health.fromCache')}</span> : null}
        </Td>
        <Td numeric>{items.toLocaleString(language)}</Td>
        <Td className={styles.problem}>
          {retry.error?.message ?? problem ?? <span className={styles.muted}>{t('health.noProblem')}</span>}
        </Td>
        <Td className={styles.buttons}>
          <Button
            size="s"
            icon={Stethoscope}
            busy={probe.isPending}
            aria-label={t('health.probeNamed', { connection: id })}
            onClick={() => probe.mutate({ connection: id })}
          >
            {t('health.probe')}
          </Button>
          <Button
            size="s"
            icon={RotateCw}
            busy={retry.isPending}
            aria-label={t('health.retryNamed', { connection: id })}
            onClick={() => retry.mutate({ connection: id })}
          >
            {t('health.retry')}
          </Button>
        </Td>
      </Tr>
      {probe.data || probe.error ? (
        <tr>
          <td colSpan={7} className={styles.probeCell}>
            {probe.data ? <Probe report={probe.data} /> : null}
            {probe.error ? <ProbeFailure message={probe.error.message} /> : null}
          </td>
        </tr>
      ) : null}
    </>
  );
}
