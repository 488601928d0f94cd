import { lazy, Suspense, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useStream } from '../client/index.ts';
import type { ApprovalParts } from '../features/changes/index.ts';
import { useTouch } from '../features/people/index.ts';
import { Notices, usePage } from '../kit/index.ts';
import { IncidentDialogs } from './incident-dialogs.tsx';
import { useKeys } from './keys.ts';
import { Navigation } from './navigation.tsx';
import { Palette } from './palette.tsx';
import { Routes } from './routes.tsx';
import shell from './shell.module.css';
import { StatusBar } from './status-bar.tsx';
import { Strips } from './strips.tsx';
import { TopBar } from './top-bar.tsx';
import { useText } from '../messages/index.ts';

const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }));
const ChangeDialogs = lazy(async () => ({ default: (await import('../features/changes/index.ts')).ChangeDialogs }));

const APPROVAL_PARTS: ApprovalParts = {
  Waiting: lazy(async () => ({
    default: (await import('../features/approvals/waiting-panel.tsx')).WaitingPanel,
  })),
  BreakGlass: lazy(async () => ({ default: (await import('../features/approvals/break-glass.tsx')).BreakGlass })),
};
const Alerts = lazy(async () => ({ default: (await import('../features/approvals/index.ts')).ApprovalAlerts }));
const Unlock = lazy(async () => ({ default: (await import('../features/people/unlock-dialog.tsx')).UnlockDialog }));

const Watch = lazy(async () => ({ default: (await import('../features/changes/index.ts')).ChangeWatch }));

/** The changes being proven, under the views where changes are made. */
function Dock({ environment }: { readonly environment: string }) {
  const [path] = useLocation();
  if (!path.startsWith('/now') && !path.startsWith('/flags')) return null;
  return (
    <div className={shell.dock}>
      <Suspense fallback={null}>
        <Watch environment={environment} />
      </Suspense>
    </div>
  );
}

/** The frame around every view (UI.md): environment always in sight, state of the control plane, keys. */
export function App() {
  const t = useText();
  const state = useStream('console.watch', {}).data;
  const { environment, tone, overlay } = usePage();
  const chooseEnvironment = usePage((page) => page.chooseEnvironment);
  useKeys();
  useTouch();

  useEffect(() => {
    if (!state) return;
    const environments = state.environments;
    const kept = environments.find((candidate) => candidate.name === environment);
    const chosen = kept ?? environments.find((candidate) => candidate.tone === 'production') ?? environments[0];
    if (chosen) chooseEnvironment(chosen.name, chosen.tone);
  }, [state, environment, chooseEnvironment]);

  const [path] = useLocation();
  const view = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each view begins at its top
  useEffect(() => {
    view.current?.scrollTo(0, 0);
  }, [path]);

  const known = state?.environments.some((candidate) => candidate.name === environment) ? environment : null;
  return (
    <div className={shell.shell} data-tone={known ? tone : 'neutral'}>
      <a className={shell.skip} href="#view">
        {t('shell.skip')}
      </a>
      <Navigation />
      <div className={shell.head}>
        <TopBar state={state} />
        <Strips state={state} />
      </div>
      <main ref={view} id="view" tabIndex={-1} className={shell.view}>
        <Routes environment={known} />
      </main>
      {known ? <Dock environment={known} /> : null}
      <StatusBar state={state} />
      {overlay === 'palette' && state ? <Palette state={state} environment={known} /> : null}
      <Suspense fallback={null}>
        {overlay === 'help' ? <Help /> : null}
        <ChangeDialogs parts={APPROVAL_PARTS} />
        {known ? <IncidentDialogs environment={known} /> : null}
      </Suspense>
      <Suspense fallback={null}>
        <Alerts />
        <Unlock />
      </Suspense>
      <Notices />
    </div>
  );
}
