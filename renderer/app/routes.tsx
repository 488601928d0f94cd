import { Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { type Client, useStream } from '../client/index.ts';
import { decodePathPart, EmptyState, Skeleton } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import { fetchedView } from './fetched-view.tsx';
import { ViewBoundary } from './view-boundary.tsx';
import { VIEWS } from './views.ts';

const NowView = fetchedView(async () => (await import('../features/now/index.ts')).NowView);
const FlagsView = fetchedView(async () => (await import('../features/flags/index.ts')).FlagsView);
const FlagPage = fetchedView(async () => (await import('../features/flags/index.ts')).FlagPage);
const ApprovalsView = fetchedView(async () => (await import('../features/approvals/approvals-view.tsx')).ApprovalsView);
const IncidentsView = fetchedView(async () => (await import('../features/incidents/index.ts')).IncidentsView);
const HealthView = fetchedView(async () => (await import('../features/health/index.ts')).HealthView);
const SetupView = fetchedView(async () => (await import('../features/setup/index.ts')).SetupView);
const DriftView = fetchedView(async () => (await import('../features/drift/index.ts')).DriftView);
const LedgerView = fetchedView(async () => (await import('../features/ledger/index.ts')).LedgerView);

const FIRST: readonly (readonly [path: string, view: { fetch(client: Client): Promise<unknown> }])[] = [
  ['/flags/', FlagPage],
  ['/flags', FlagsView],
  ['/approvals', ApprovalsView],
  ['/incidents', IncidentsView],
  ['/health', HealthView],
  ['/setup', SetupView],
  ['/drift', DriftView],
  ['/ledger', { fetch: fetchLedger }],
];

/** With its newest entries: nobody's environment is needed for them. */
async function fetchLedger(client: Client): Promise<void> {
  const [{ fetchFirstPage }] = await Promise.all([import('../features/ledger/index.ts'), LedgerView.fetch()]);
  fetchFirstPage(client);
}

/** Fetches the script of the view that opens first while the console is still being asked for its state (A1). */
export function fetchFirstView(path: string, client: Client): void {
  const first = FIRST.find(([view]) => path.startsWith(view))?.[1] ?? NowView;
  // One that cannot be fetched now is asked for again, and complained about, when it is shown.
  first.fetch(client).catch(() => undefined);
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
