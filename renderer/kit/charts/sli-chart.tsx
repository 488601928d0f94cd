import { lazy, memo, Suspense, useMemo, useRef, type PointerEvent } from 'react';
import type { SliView } from '../../../shared/contract/slis.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Objective, SliUnit } from '../../../shared/model/sli.ts';
import { type Translate, useLanguage, useText } from '../../messages/index.ts';
import { cx } from '../class-names.ts';
import { StatusPill } from '../status-pill.tsx';
import { clockTime } from '../time.tsx';
import { formatValue } from '../units.ts';
import type { TimeAxis } from './axis.ts';
import { chartRows, lastValue, SERIES_NAMES, valueAt } from './buckets.ts';
import styles from './chart.module.css';
import { showCrosshair, useCrosshair } from './crosshair.ts';
import { plotFrame, xToTime } from './frame.ts';
import { Crosshair, LineLabels, Markers } from './overlay.tsx';
import { valueScale } from './scale.ts';
import { ChartState } from './state.tsx';
import { summary } from './summary.ts';
import { useQueued } from './use-queued.ts';
import { useSize } from './use-size.ts';

/** recharts is heavy: it loads with the first chart, never with the first screen. */
const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }));

export interface SliChartProps {
  readonly view: SliView;
  /** The same for every chart beside it. */
  readonly axis: TimeAxis;
  /** Changes of the environment; the chart draws those of its service. */
  readonly markers: readonly Marker[];
  /** The page has lost its back end: what is drawn is as old as `asOfMs`. */
  readonly stale?: boolean | undefined;
  readonly asOfMs?: number | null | undefined;
  readonly height?: number | undefined;
}

/**
 * One SLI over the last hour: a figure named "SERVICE SLI-NAME". It renders when its turn in the render queue comes,
 * so that twelve of them with a new sample each second make no long task.
 */
export const SliChart = memo(function SliChart(props: SliChartProps) {
  const figure = useRef<HTMLElement>(null);
  const queued = useQueued(props, figure);
  const { sli } = props.view;
  return (
    <figure ref={figure} className={styles.figure} aria-label={`${sli.service} ${sli.name}`} data-sli={sli.id}>
      {queued ? <Chart {...queued} /> : <Blank view={props.view} height={props.height} />}
    </figure>
  );
});

function Blank({ view, height = 206 }: Pick<SliChartProps, 'view' | 'height'>) {
  return (
    <>
      <figcaption className={styles.caption}>
        <Title view={view} />
      </figcaption>
      <div className={styles.blank} style={{ height }} />
    </>
  );
}

function Title({ view }: { readonly view: SliView }) {
  return (
    <span className={styles.title}>
      <span className={styles.service}>{view.sli.service}</span> <strong>{view.sli.name}</strong>
    </span>
  );
}

const Chart = memo(function Chart({ view, axis, markers, stale = false, asOfMs, height = 206 }: SliChartProps) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const { sli, status, baseline, series } = view;
  const [box, width] = useSize();
  const cohorts = series.on !== undefined || series.off !== undefined;
  const frame = useMemo(() => plotFrame(width, height, cohorts), [width, height, cohorts]);
  const rows = useMemo(() => chartRows(series, axis.fromMs, axis.toMs, axis.widthMs), [series, axis]);
  const scale = useMemo(() => valueScale(rows, sli.objective, baseline), [rows, sli.objective, baseline]);
  const own = useMemo(
    () => markers.filter((marker) => marker.services.length === 0 || marker.services.includes(sli.service)),
    [markers, sli.service],
  );
  const ends = useMemo(() => {
    if (!cohorts) return [];
    return SERIES_NAMES.flatMap((name) => {
      const value = lastValue(series, name);
      return value === null ? [] : [{ name, value }];
    });
  }, [cohorts, series]);
  const old = stale || status.state === 'stale' || status.state === 'error';
  const blank =
    status.state === 'no-data' || status.state === 'unknown' || (status.state === 'error' && !status.latest);
  const oldSinceMs = stale ? (asOfMs ?? status.latest?.atMs) : status.latest?.atMs;

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const atMs = xToTime(frame, axis, event.clientX - event.currentTarget.getBoundingClientRect().left);
    const inside = atMs >= axis.fromMs && atMs <= axis.toMs;
    showCrosshair(inside ? Math.round(atMs / 1000) * 1000 : null);
  };

  return (
    <>
      <figcaption className={styles.caption}>
        <Title view={view} />
        {old && oldSinceMs !== undefined ? (
          <StatusPill tint="amber">{t('kit.asOf', { time: clockTime(oldSinceMs) })}</StatusPill>
        ) : null}
        <Reading view={view} old={old} />
      </figcaption>
      <Readout view={view} language={language} />
      <div
        ref={box}
        className={cx(styles.plot, old && !blank && styles.old)}
        style={{ height }}
        onPointerMove={point}
        onPointerLeave={() => showCrosshair(null)}
      >
        {blank ? (
          <ChartState status={status} />
        ) : width > 0 ? (
          <div aria-hidden="true">
            <Suspense fallback={null}>
              <Plot
                frame={frame}
                axis={axis}
                scale={scale}
                rows={rows}
                cohorts={cohorts}
                unit={sli.unit}
                language={language}
                objective={sli.objective}
                baseline={baseline}
                breached={status.state === 'breached'}
              />
            </Suspense>
            <Markers frame={frame} axis={axis} markers={own} />
            <LineLabels frame={frame} scale={scale} unit={sli.unit} language={language} ends={ends} />
            <Crosshair frame={frame} axis={axis} />
          </div>
        ) : null}
      </div>
      <p className="visually-hidden">{summary(view, t, language)}</p>
    </>
  );
});

/** Latest value in figures, and the state in a word. */
function Reading({ view, old }: { readonly view: SliView; readonly old: boolean }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const { status, sli } = view;
  if (!status.latest) return null;
  return (
    <span className={cx(styles.reading, status.state === 'breached' && !old && styles.breached)}>
      {status.state === 'breached' ? <StatusPill tint="red">{t('charts.breach')}</StatusPill> : null}
      <strong className={styles.value}>{formatValue(status.latest.value, sli.unit, language)}</strong>
    </span>
  );
}

export function objectiveWords(objective: Objective, unit: SliUnit, t: Translate, language: string): string {
  return 'below' in objective
    ? t('charts.below', { value: formatValue(objective.below, unit, language) })
    : t('charts.above', { value: formatValue(objective.above, unit, language) });
}

/** Second line of the caption: the objective, or the values under the crosshair. */
function Readout({ view, language }: { readonly view: SliView; readonly language: string }) {
  const t = useText();
  const atMs = useCrosshair((state) => state.atMs);
  const { sli, series, baseline } = view;
  if (atMs !== null) {
    const values = SERIES_NAMES.flatMap((name) => {
      const line = series[name];
      if (!line) return [];
      const value = valueAt(line, atMs);
      return [`${t(`charts.line.${name}`)} ${value === null ? '–' : formatValue(value, sli.unit, language)}`];
    });
    return (
      <p className={styles.readout} aria-hidden="true">
        <span className={styles.readoutTime}>{clockTime(atMs, true)}</span>
        {values.join(' · ')}
      </p>
    );
  }
  const parts = [
    sli.objective ? objectiveWords(sli.objective, sli.unit, t, language) : t('charts.noObjective'),
    baseline ? t('charts.normally', { value: formatValue(baseline.median, sli.unit, language) }) : null,
  ];
  return (
    <p className={styles.readout} aria-hidden="true">
      {parts.filter((part) => part !== null).join(' · ')}
    </p>
  );
}
