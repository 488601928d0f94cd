import type { SliView } from '../../../shared/contract/slis.ts';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { useStream } from '../../client/index.ts';
import { SliChart, useAxis } from '../../kit/charts/index.ts';
import { judged } from './describe.ts';

const NO_VIEWS: readonly SliView[] = [];
const NO_MARKERS: readonly Marker[] = [];
const HEIGHT_PX = 150;

/** The least reassuring line of those that the change is judged by, with its baseline's band: the proof as it comes in (A4, UI.md). */
export function ProofChart({ progress }: { readonly progress: ChangeProgress }) {
  const { environment, flag } = progress.change.payload;
  const slis = useStream('slis.watch', { environment, flag });
  const markers = useStream('now.watch', { environment }).data?.markers ?? NO_MARKERS;
  const views = slis.data?.slis ?? NO_VIEWS;
  const axis = useAxis(views);
  const worst = judged(progress.recoveries)[0];
  const view = views.find(({ sli }) => sli.id === worst?.sli);
  if (!view) return null;
  const stale = slis.status !== 'live';
  return (
    <SliChart
      view={view}
      axis={axis}
      markers={markers}
      stale={stale}
      asOfMs={stale ? slis.receivedAtMs : null}
      height={HEIGHT_PX}
    />
  );
}
