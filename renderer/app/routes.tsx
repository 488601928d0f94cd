import { lazy, Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { decodePathPart, EmptyState, Skeleton } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import { ViewBoundary } from './view-boundary.tsx';
import { VIEWS } from './views.ts';

const FlagsView = lazy(async () => ({ default: (await import('../features/flags/index.ts')).FlagsView }));
const FlagPage = lazy(async () => ({ default: (await import('../features/flags/index.ts')).FlagPage }));
const HealthView = lazy(async () => ({ default: (await import('../features/health/index.ts')).HealthView }));
const LedgerView = lazy(async () => ({ default: (await import('../features/ledger/index.ts')).LedgerView }));
const SetupView = lazy(async () => ({ default: (await import('../features/setup/index.ts')).SetupView }));
const NowView = lazy(async () => ({ default: (await import('../features/now/index.ts')).NowView }));

/** The open view. It starts anew with the environment, so that nothing of another one stays on the screen (B3). */
export function Routes({ environment }: { readonly environment: string | null }) {
  const t = useText();
  const [path] = useLocation();
  const view = VIEWS.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}/`));
  useEffect(() => {
    if (view && environment) document.title = t('shell.title', { view: t(view.text), environment });
  }, [view, environment, t]);
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
          <Route path="/health">
            <HealthView environment={environment} />
          </Route>
          <Route path="/setup">
            <SetupView />
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
