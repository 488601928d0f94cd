import { ArrowLeft, OctagonX, Percent } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { useStream } from '../../client/index.ts';
import { Badge, ActButton, Code, EnvironmentName, ErrorState, Panel, Skeleton, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { FlagEnvironments } from './flag-environments.tsx';
import { FlagFacts } from './flag-facts.tsx';
import { FlagHistory } from './flag-history.tsx';
import { FlagStateLabel } from './flag-state.tsx';
import styles from './flag-page.module.css';

const FlagCharts = lazy(async () => ({ default: (await import('./flag-charts.tsx')).FlagCharts }));

export interface FlagPageProps {
  readonly connection: string;
  /** Key of the flag. */
  readonly flag: string;
  readonly environment: string;
}

/** One flag: its state everywhere, who changed it, and what its services' SLIs say. */
export function FlagPage({ connection, flag: key, environment }: FlagPageProps) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('flags.watchOne', { connection, key });
  const askKill = usePage((state) => state.askKill);
  const askRollout = usePage((state) => state.askRollout);
  const connections = useStream('console.watch', {}).data?.connections;
  const can = connections?.find((each) => each.id === connection)?.can ?? [];
  const tone = usePage((state) => state.tone);
  const flag = data?.flag;
  const here = flag?.environments.find((each) => each.environment === environment);
  const stale = status === 'stale' || (status === 'error' && flag !== undefined);
  const killable = here !== undefined && flag?.safeDefault !== null && !here.killed;
  const age = { stale, asOfMs: stale ? receivedAtMs : null };
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <Link href="/flags" className={styles.back}>
          <ArrowLeft aria-hidden size={14} /> {t('flags.back')}
        </Link>
        <h1 className={styles.title}>
          <Code strong>{key}</Code>
        </h1>
        {flag ? <Badge>{t(`flags.type.${flag.type}`)}</Badge> : null}
        {flag?.critical ? <Badge>{t('flags.critical')}</Badge> : null}
        {flag?.stale ? <Badge>{t('flags.stale')}</Badge> : null}
        {here ? <FlagStateLabel exposure={here.exposure} killed={here.killed} /> : null}
        <span className={styles.where}>
          <EnvironmentName name={environment} tone={tone} />
        </span>
        {here && can.includes('rollout') ? (
          <ActButton
            icon={Percent}
            onClick={() => askRollout({ connection, key, environment, percentage: here.percentage })}
          >
            {t('flags.rollout')}
          </ActButton>
        ) : null}
        {flag ? (
          <ActButton
            variant="danger"
            icon={OctagonX}
            aria-label={t('flags.killNamed', { flag: key })}
            aria-disabled={!killable}
            title={killable ? undefined : t(here?.killed ? 'flags.alreadyKilled' : 'flags.notKillable')}
            onClick={() => killable && askKill({ connection, key, environment })}
          >
            {t('flags.kill')}
          </ActButton>
        ) : null}
      </header>
      {flag === undefined ? (
        error ? (
          <ErrorState title={t('flags.notFound')} detail={error.message} action={error.action} />
        ) : (
          <Skeleton lines={12} height={20} />
        )
      ) : (
        <>
          {flag.description === null ? null : <p className={styles.description}>{flag.description}</p>}
          <Panel title={t('flags.environments')} flush {...age}>
            <FlagEnvironments flag={flag} current={environment} />
          </Panel>
          <Panel title={t('flags.charts')} {...age}>
            <Suspense fallback={<Skeleton lines={6} height={20} />}>
              <FlagCharts environment={environment} connection={connection} flag={key} />
            </Suspense>
          </Panel>
          <div className={styles.columns}>
            <Panel title={t('flags.history')} flush {...age}>
              <FlagHistory connection={connection} flag={key} />
            </Panel>
            <Panel title={t('flags.facts')} {...age}>
              <FlagFacts flag={flag} />
            </Panel>
          </div>
        </>
      )}
    </div>
  );
}
