import { RefreshCw } from 'lucide-react';
import { Link } from 'wouter';
import type { TeamState } from '../../../shared/model/team.ts';
import { useAction, useRights, useStream } from '../../client/index.ts';
import { Button, EmptyState, Panel, Skeleton, StatusPill, type Tint, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { Failed } from './failed.tsx';
import styles from './setup.module.css';

const TINT: Readonly<Record<TeamState['state'], Tint>> = {
  none: 'neutral',
  connecting: 'blue',
  synced: 'green',
  away: 'amber',
};

/** Where the consoles of a team meet, what waits to be told to the others, and who is here (D8). */
export function TeamPanel() {
  const t = useText();
  const { data, error } = useStream('team.watch', {});
  const sync = useAction('team.syncNow');
  return (
    <Panel
      title={t('team.title')}
      actions={
        data?.configured ? (
          <Button size="s" icon={RefreshCw} busy={sync.isPending} onClick={() => sync.mutate({})}>
            {t('team.syncNow')}
          </Button>
        ) : null
      }
    >
      {data === undefined ? (
        error ? (
          <Failed title={t('team.failed')} error={error} />
        ) : (
          <Skeleton lines={3} />
        )
      ) : data.configured ? (
        <Facts team={data} />
      ) : (
        <EmptyState title={t('team.none')}>{t('team.noneHint')}</EmptyState>
      )}
      <Failed title={t('team.syncFailed')} error={sync.error} />
    </Panel>
  );
}

function Facts({ team }: { readonly team: TeamState }) {
  const t = useText();
  const { nameOf } = useRights();
  return (
    <dl className={styles.plainFacts}>
      <div>
        <dt>{t('team.state')}</dt>
        <dd>
          <StatusPill tint={TINT[team.state]}>{t(`team.state.${team.state}`)}</StatusPill>
          {team.problem === null ? null : <span className={styles.hint}>{team.problem}</span>}
        </dd>
      </div>
      <div>
        <dt>{t('team.lastSync')}</dt>
        <dd>{team.lastSyncAtMs === null ? t('team.never') : <Time atMs={team.lastSyncAtMs} />}</dd>
      </div>
      <div>
        <dt>{t('team.waiting')}</dt>
        <dd>{t('team.waitingText', { count: team.waiting })}</dd>
      </div>
      <div>
        <dt>{t('team.consoles')}</dt>
        <dd>
          <Link href="/ledger?show=chains">{t('team.consolesText', { count: team.chains.length })}</Link>
          {team.quarantined.length === 0 ? null : (
            <>
              {' '}
              <StatusPill tint="amber">{t('team.quarantined', { count: team.quarantined.length })}</StatusPill>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('team.presence')}</dt>
        <dd>
          {team.presence.length === 0 ? (
            t('team.presenceNone')
          ) : (
            <ul className={styles.keyList}>
              {team.presence.map((each) => (
                <li key={each.device}>
                  <strong>{each.operator === null ? t('team.somebody') : nameOf(each.operator)}</strong>
                  {each.doing === '' ? null : <span>{each.doing}</span>}
                  <span className={styles.muted}>
                    <Time atMs={each.atMs} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </dd>
      </div>
    </dl>
  );
}
