import type { SliView } from '../../../shared/contract/slis.ts';
import type { Sli } from '../../../shared/model/sli.ts';

export interface Arranged {
  /** First in sight: of the service in breach, or all of them when nothing burns. */
  readonly top: SliView[];
  /** The rest of the service in breach. */
  readonly same: SliView[];
  readonly others: SliView[];
}

/** The worst breach first, then what else burns in its service, then its other SLIs, in the configuration's order. */
export function arrange(views: readonly SliView[], worst: Sli | null, most: number): Arranged {
  if (worst === null) return { top: [...views], same: [], others: [] };
  const weight = (view: SliView) => (view.sli.id === worst.id ? 0 : view.status.state === 'breached' ? 1 : 2);
  const sorted = [...views].sort((a, b) => weight(a) - weight(b));
  const same = sorted.filter((view) => view.sli.service === worst.service);
  return {
    top: same.slice(0, most),
    same: same.slice(most),
    others: sorted.filter((view) => view.sli.service !== worst.service),
  };
}
