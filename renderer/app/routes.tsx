import { lazy, Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { EmptyState, Skeleton } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import { ViewBoundary } from './view-boundary.tsx';
import { VIEWS } from './views.ts';

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
          <Route>
            <EmptyState title={t('shell.lost.title')} action={<Link href="/now">{t('shell.lost.action')}</Link>} />
          </Route>
        </Switch>
      </Suspense>
    </ViewBoundary>
  );
}
