import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import { formatText } from '../messages/index.ts';
import { VIEWS } from './views.ts';

const TeamStatus = lazy(async () => ({ default: (await import('../features/team/index.ts')).TeamStatus }));
const Here = lazy(async () => ({ default: (await import('../features/team/index.ts')).Here }));

/** The team in the status bar: whether the record has reached the others, and who of them is here (D8). */
export function Team({ environment }: { readonly environment: string | null }) {
  const [path] = useLocation();
  const view = VIEWS.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}/`));
  // Told to others, whose pages speak other languages: in the one that every reader of flags knows.
  const name = view ? formatText('en', view.text) : '';
  return (
    <Suspense fallback={null}>
      <TeamStatus />
      <Here doing={environment === null || name === '' ? name : `${name}, ${environment}`} />
    </Suspense>
  );
}
