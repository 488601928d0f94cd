import { useStream } from '../../client/index.ts';
import { ErrorState, Panel, Skeleton } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { ConfigPanel } from './config-panel.tsx';
import { Connections } from './connections.tsx';
import { DriftPanel } from './drift-panel.tsx';
import styles from './health.module.css';
import { LedgerPanel } from './ledger-panel.tsx';
import { Slis } from './slis.tsx';

/** What the console stands on: its sources, its ledger, its configuration. */
export function HealthView({ environment }: { readonly environment: string }) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('console.watch', {});
  const stale = status === 'stale' || (status === 'error' && data !== undefined);
  const age = { stale, asOfMs: stale ? receivedAtMs : null };
  if (!data) {
    return error ? (
      <ErrorState title={t('health.failed')} detail={error.message} action={error.action} />
    ) : (
      <div className={styles.view}>
        <Skeleton lines={10} height={20} />
      </div>
    );
  }
  return (
    <div className={styles.view}>
      <h1 className={styles.title}>{t('health.title')}</h1>
      <Panel title={t('health.connections')} flush {...age}>
        <Connections connections={data.connections} />
      </Panel>
      <DriftPanel environment={environment} {...age} />
      <Panel title={t('health.slis')} flush {...age}>
        <Slis environment={environment} />
      </Panel>
      <div className={styles.pair}>
        <LedgerPanel head={data.ledger} {...age} />
        <ConfigPanel config={data.config} {...age} />
      </div>
    </div>
  );
}
