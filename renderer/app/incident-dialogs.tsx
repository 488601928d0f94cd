import { lazy, Suspense } from 'react';
import { usePage } from '../kit/index.ts';

const OpenDialog = lazy(async () => ({ default: (await import('../features/incidents/index.ts')).OpenDialog }));
const StatusDialog = lazy(async () => ({ default: (await import('../features/notify/index.ts')).StatusDialog }));

/** A new incident and a status update are asked for in several views, and drawn here. */
export function IncidentDialogs({ environment }: { readonly environment: string }) {
  const incident = usePage((page) => page.incident);
  const statusUpdate = usePage((page) => page.statusUpdate);
  return (
    <Suspense fallback={null}>
      {incident ? <OpenDialog draft={incident} /> : null}
      {statusUpdate ? <StatusDialog target={statusUpdate} environment={environment} /> : null}
    </Suspense>
  );
}
