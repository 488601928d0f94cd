import { Clock3, TriangleAlert, Unplug } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link } from 'wouter';
import type { ConsoleState } from '../../shared/contract/console.ts';
import { useAction, useReachability } from '../client/index.ts';
import { LockStrip } from '../features/people/index.ts';
import { Button, clockTime, Strip, usePage } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import styles from './strips.module.css';

const GlassStrips = lazy(async () => ({ default: (await import('../features/approvals/index.ts')).GlassStrips }));

const IncidentStrip = lazy(async () => ({ default: (await import('../features/incidents/index.ts')).IncidentStrip }));

/** What is unreachable since when, what still works, and what to do (UI.md). Nothing is there while all is well. */
export function Strips({ state }: { readonly state: ConsoleState | undefined }) {
  const t = useText();
  const environment = usePage((page) => page.environment);
  const reachability = useReachability();
  const retry = useAction('console.retryConnection');
  const strips: ReactNode[] = [];
  if (reachability.state === 'away') {
    strips.push(
      <Strip key="away" icon={Unplug} tint="red">
        {t('shell.strip.away', { time: clockTime(reachability.sinceMs, true) })}
      </Strip>,
    );
  }
  for (const connection of state?.connections ?? []) {
    if (connection.state !== 'error' && connection.state !== 'fatal' && connection.state !== 'stale') continue;
    const id = connection.state === 'stale' ? 'shell.strip.stale' : (`shell.strip.${connection.role}` as const);
    strips.push(
      <Strip
        key={connection.id}
        icon={connection.state === 'stale' ? Clock3 : TriangleAlert}
        tint="amber"
        action={
          <Button size="s" busy={retry.isPending} onClick={() => retry.mutate({ connection: connection.id })}>
            {t('shell.strip.retry', { connection: connection.id })}
          </Button>
        }
      >
        {t(id, { connection: connection.id, time: clockTime(connection.sinceMs, true) })}
        {connection.problem ? <span className={styles.problem}>{connection.problem}</span> : null}
      </Strip>,
    );
  }
  if (state && state.config.problems.length > 0) {
    strips.push(
      <Strip
        key="config"
        icon={TriangleAlert}
        tint="amber"
        action={<Link href="/health">{t('shell.strip.show')}</Link>}
      >
        {t('shell.strip.problems', { count: state.config.problems.length })}
      </Strip>,
    );
  }
  if (state?.ledger.verified === 'broken') {
    strips.push(
      <Strip key="ledger" icon={TriangleAlert} tint="red">
        {t('shell.strip.ledger', { problem: state.ledger.problem ?? '' })}
      </Strip>,
    );
  }
  return (
    <div aria-live="polite" className={styles.strips}>
      <Suspense fallback={null}>
        <GlassStrips />
        {environment === null ? null : <IncidentStrip environment={environment} />}
      </Suspense>
      {strips}
      <LockStrip />
    </div>
  );
}
