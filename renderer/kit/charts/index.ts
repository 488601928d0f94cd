export type { TimeAxis } from './axis.ts';
export { objectiveWords, SliChart, type SliChartProps } from './sli-chart.tsx';
export { useAxis } from './use-axis.ts';
