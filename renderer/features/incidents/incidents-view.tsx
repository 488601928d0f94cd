import { CircleCheck, Megaphone, Siren } from 'lucide-react';
import { useState } from 'react';
import type { Incident } from '../../../shared/model/incident.ts';
import { useRights, useStream } from '../../client/index.ts';
import {
  Button,
  durationText,
  EmptyState,
  ErrorState,
  Panel,
  Skeleton,
  StatusPill,
  clockTime,
  Table,
  Td,
  Th,
  Time,
  Tr,
  usePage,
  useRefusal,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { CloseDialog } from './close-dialog.tsx';
import { IncidentCard } from './incident-card.tsx';
import styles from './incidents.module.css';

/** What is open and what it holds; what was closed lately (D9). */
export function IncidentsView({ environment }: { readonly environment: string }) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('incidents.watch', {});
  const { askIncident, askStatusUpdate } = usePage();
  const refusal = useRefusal('act');
  const [closing, setClosing] = useState<Incident | null>(null);
  const stale = status === 'stale' || (status === 'error' && data !== undefined);
  const open = data?.incidents.filter((incident) => incident.closedAtMs === null) ?? [];
  const closed = data?.incidents.filter((incident) => incident.closedAtMs !== null) ?? [];
  return (
    <div className={styles.view}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('incidents.title')}</h1>
        {stale && receivedAtMs !== null ? (
          <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(receivedAtMs) })}</StatusPill>
        ) : null}
        <span className={styles.buttons}>
          <Button icon={Megaphone} onClick={() => askStatusUpdate({ incident: open[0]?.id ?? null })}>
            {t('incidents.statusUpdate')}
          </Button>
          <Button
            icon={Siren}
            variant="primary"
            aria-disabled={refusal !== null}
            title={refusal ?? undefined}
            onClick={() => refusal === null && askIncident({ title: '', services: [], environments: [environment] })}
          >
            {t('incidents.open')}
          </Button>
        </span>
      </header>
      {data === undefined ? (
        error ? (
          <ErrorState title={t('incidents.failed')} detail={error.message} action={error.action} />
        ) : (
          <Skeleton lines={5} height={20} />
        )
      ) : (
        <>
          {open.length === 0 ? (
            <Panel title={t('incidents.openOnes')}>
              <EmptyState title={t('incidents.none')} icon={CircleCheck} tint="green">
                {t('incidents.noneHint')}
              </EmptyState>
            </Panel>
          ) : (
            <ul className={styles.list} aria-label={t('incidents.openOnes')}>
              {open.map((incident) => (
                <li key={incident.id}>
                  <IncidentCard incident={incident} stale={stale} onClose={() => setClosing(incident)} />
                </li>
              ))}
            </ul>
          )}
          <Panel title={t('incidents.closedOnes')} flush>
            {closed.length === 0 ? (
              <p className={styles.padded}>{t('incidents.closedNone')}</p>
            ) : (
              <Closed incidents={closed} />
            )}
          </Panel>
        </>
      )}
      {closing === null ? null : <CloseDialog incident={closing} onClose={() => setClosing(null)} />}
    </div>
  );
}

function Closed({ incidents }: { readonly incidents: readonly Incident[] }) {
  const t = useText();
  const { nameOf } = useRights();
  return (
    <Table label={t('incidents.closedOnes')}>
      <thead>
        <tr>
          <Th>{t('incidents.name')}</Th>
          <Th>{t('incidents.services')}</Th>
          <Th>{t('incidents.environments')}</Th>
          <Th>{t('incidents.took')}</Th>
          <Th>{t('incidents.closed')}</Th>
          <Th>{t('incidents.by')}</Th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => (
          <Tr key={incident.id}>
            <Th scope="row" className={styles.name}>
              {incident.title}
            </Th>
            <Td>{incident.services.length === 0 ? t('incidents.everyService') : incident.services.join(', ')}</Td>
            <Td>{incident.environments.join(', ')}</Td>
            <Td>{durationText((incident.closedAtMs ?? incident.openedAtMs) - incident.openedAtMs)}</Td>
            <Td>{incident.closedAtMs === null ? '–' : <Time atMs={incident.closedAtMs} />}</Td>
            <Td>{incident.closedBy === null ? t('incidents.nobody') : nameOf(incident.closedBy)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
