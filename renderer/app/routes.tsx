import { lazy, Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useStream } from '../client/index.ts';
import { decodePathPart, EmptyState, Skeleton } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import { ViewBoundary } from './view-boundary.tsx';
import { VIEWS } from './views.ts';

const load = {
  '/now': () => import('../features/now/index.ts'),
  '/flags': () => import('../features/flags/index.ts'),
  '/approvals': () => import('../features/approvals/approvals-view.tsx'),
  '/incidents': () => import('../features/incidents/index.ts'),
  '/health': () => import('../features/health/index.ts'),
  '/setup': () => import('../features/setup/index.ts'),
  '/drift': () => import('../features/drift/index.ts'),
  '/ledger': () => import('../features/ledger/index.ts'),
} as const;

const NowView = lazy(async () => ({ default: (await load['/now']()).NowView }));
const FlagsView = lazy(async () => ({ default: (await load['/flags']()).FlagsView }));
const FlagPage = lazy(async () => ({ default: (await load['/flags']()).FlagPage }));
const ApprovalsView = lazy(async () => ({ default: (await load['/approvals']()).ApprovalsView }));
const IncidentsView = lazy(async () => ({ default: (await load['/incidents']()).IncidentsView }));
const HealthView = lazy(async () => ({ default: (await load['/health']()).HealthView }));
const SetupView = lazy(async () => ({ default: (await load['/setup']()).SetupView }));
const DriftView = lazy(async () => ({ default: (await load['/drift']()).DriftView }));
const LedgerView = lazy(async () => ({ default: (await load['/ledger']()).LedgerView }));

/** Fetches the script of the view that opens first while the console is still being asked for its state (A1). */
export function fetchFirstView(path: string): void {
  const first = Object.entries(load).find(([view]) => path === view || path.startsWith(`${view}/`));
  // One that cannot be fetched now is asked for again, and complained about, when it is shown.
  (first?.[1] ?? load['/now'])().catch(() => undefined);
}

/** The open view. It starts anew with the environment, so that nothing of another one stays on the screen (B3). */
export function Routes({ environment }: { readonly environment: string | null }) {
  const t = useText();
  const [path] = useLocation();
  const view = VIEWS.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}/`));
  const waiting = useStream('approvals.watch', {}).data?.forMe ?? 0;
  useEffect(() => {
    if (!view || !environment) return;
    const title = t('shell.title', { view: t(view.text), environment });
    // Seen in the browser's row of tabs, when the console is not the one in front (D4).
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
  }, [view, environment, waiting, t]);
  if (environment === null) return <Skeleton lines={6} />;
  return (
    <ViewBoundary key={`${environment} ${view?.path ?? ''}`}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <Switch>
          <Route path="/">
            <Redirect to="/now" replace />
          </Route>
          <Route path="/now">
            <NowView environment={environment} />
          </Route>
          <Route path="/flags">
            <FlagsView environment={environment} />
          </Route>
          <Route path="/flags/:connection/:key">
            {({ connection, key }) => (
              <FlagPage connection={decodePathPart(connection)} flag={decodePathPart(key)} environment={environment} />
            )}
          </Route>
          <Route path="/approvals">
            <ApprovalsView />
          </Route>
          <Route path="/incidents">
            <IncidentsView environment={environment} />
          </Route>
          <Route path="/health">
            <HealthView environment={environment} />
          </Route>
          <Route path="/setup">
            <SetupView />
          </Route>
          <Route path="/drift">
            <DriftView environment={environment} />
          </Route>
          <Route path="/ledger">
            <LedgerView />
          </Route>
          <Route>
            <EmptyState title={t('shell.lost.title')} action={<Link href="/now">{t('shell.lost.action')}</Link>} />
          </Route>
        </Switch>
      </Suspense>
    </ViewBoundary>
  );
}
