import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceArea, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { Baseline, Objective, SliUnit } from '../../../shared/model/sli.ts';
import { clockTime } from '../time.tsx';
import { formatValue } from '../units.ts';
import type { TimeAxis } from './axis.ts';
import type { Row } from './buckets.ts';
import { AXIS_HEIGHT, AXIS_WIDTH, type PlotFrame } from './frame.ts';
import styles from './chart.module.css';
import { type Scale, timeTicks } from './scale.ts';

export interface PlotProps {
  readonly frame: PlotFrame;
  readonly axis: TimeAxis;
  readonly scale: Scale;
  readonly rows: readonly Row[];
  readonly cohorts: boolean;
  readonly unit: SliUnit;
  readonly language: string;
  readonly objective: Objective | null;
  readonly baseline: Baseline | null;
  readonly breached: boolean;
}

const TICK = { fontSize: 11, fill: 'var(--text-muted)' } as const;
const LINE = { dot: false, activeDot: false, connectNulls: false, isAnimationActive: false, type: 'linear' } as const;

/** Lines, axes, objective and baseline. Everything that follows the pointer is drawn over it, by others. */
export const Plot = memo(function Plot(props: PlotProps) {
  const { frame, axis, scale, rows, cohorts, unit, language, objective, baseline, breached } = props;
  const bound = objective ? ('below' in objective ? objective.below : objective.above) : null;
  return (
    <LineChart
      width={frame.width}
      height={frame.height}
      data={rows as Row[]}
      margin={{ top: frame.top, right: frame.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
      className={styles.lines ?? ''}
    >
      <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
      {baseline ? (
        <ReferenceArea
          y1={Math.max(baseline.low, scale.low)}
          y2={Math.min(baseline.high, scale.high)}
          fill="var(--chart-band)"
          fillOpacity={1}
          stroke="none"
        />
      ) : null}
      <XAxis
        dataKey="atMs"
        type="number"
        domain={[axis.fromMs, axis.toMs]}
        ticks={timeTicks(axis.fromMs, axis.toMs, frame.width > 420 ? 6 : 4)}
        tickFormatter={(atMs: number) => clockTime(atMs)}
        height={AXIS_HEIGHT}
        tick={TICK}
        tickSize={4}
        stroke="var(--border-strong)"
        interval={0}
        allowDataOverflow
      />
      <YAxis
        width={AXIS_WIDTH}
        domain={[scale.low, scale.high]}
        ticks={[...scale.ticks]}
        tickFormatter={(value: number) => formatValue(value, unit, language)}
        tick={TICK}
        tickSize={0}
        tickMargin={6}
        axisLine={false}
        interval={0}
        allowDataOverflow
      />
      {bound === null ? null : (
        <ReferenceLine
          y={bound}
          stroke={breached ? 'var(--red)' : 'var(--text-muted)'}
          strokeDasharray="5 4"
          strokeWidth={1.25}
          ifOverflow="hidden"
        />
      )}
      {cohorts ? <Line {...LINE} dataKey="off" stroke="var(--chart-off)" strokeWidth={1.5} /> : null}
      {cohorts ? <Line {...LINE} dataKey="on" stroke="var(--chart-on)" strokeWidth={1.75} /> : null}
      <Line {...LINE} dataKey="all" stroke="var(--chart-all)" strokeWidth={cohorts ? 1.25 : 1.5} />
    </LineChart>
  );
});
