import { Megaphone, Snowflake } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Incident } from '../../../shared/model/incident.ts';
import { useRights, useStream } from '../../client/index.ts';
import { Button, durationText, EnvironmentName, Panel, Time, useNow, usePage, useRefusal } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './incidents.module.css';
import { Notes } from './notes.tsx';

export interface IncidentCardProps {
  readonly incident: Incident;
  readonly stale: boolean;
  readonly onClose: () => void;
}

/** One open incident: what, where, since when, by whom, what it holds, and what was written about it. */
export function IncidentCard({ incident, stale, onClose }: IncidentCardProps) {
  const t = useText();
  const now = useNow();
  const { nameOf } = useRights();
  const refusal = useRefusal('act');
  const askStatusUpdate = usePage((page) => page.askStatusUpdate);
  const environments = useStream('console.watch', {}).data?.environments ?? [];
  const toneOf = (name: string) => environments.find((each) => each.name === name)?.tone ?? 'neutral';
  return (
    <Panel
      title={incident.title}
      stale={stale}
      actions={
        <>
          <Button size="s" icon={Megaphone} onClick={() => askStatusUpdate({ incident: incident.id })}>
            {t('incidents.statusUpdate')}
          </Button>
          <Button
            size="s"
            aria-label={t('incidents.closeNamed', { title: incident.title })}
            aria-disabled={refusal !== null}
            title={refusal ?? undefined}
            onClick={() => refusal === null && onClose()}
          >
            {t('incidents.close')}
          </Button>
        </>
      }
    >
      <div className={styles.card}>
        <dl className={styles.facts}>
          <Fact name={t('incidents.services')}>
            {incident.services.length === 0 ? t('incidents.everyService') : incident.services.join(', ')}
          </Fact>
          <Fact name={t('incidents.environments')}>
            <span className={styles.names}>
              {incident.environments.map((name) => (
                <EnvironmentName key={name} name={name} tone={toneOf(name)} />
              ))}
            </span>
          </Fact>
          <Fact name={t('incidents.since')}>
            <Time atMs={incident.openedAtMs} as="clock" /> ·{' '}
            {t('incidents.for', { duration: durationText(Math.max(0, now - incident.openedAtMs)) })}
          </Fact>
          <Fact name={t('incidents.openedBy')}>
            {incident.openedBy === null ? t('incidents.nobody') : nameOf(incident.openedBy)}
          </Fact>
        </dl>
        <p className={styles.freeze}>
          <Snowflake aria-hidden size={14} />
          <span>{t('incidents.freeze')}</span>
        </p>
        <Notes incident={incident.id} refusal={refusal} />
      </div>
    </Panel>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
