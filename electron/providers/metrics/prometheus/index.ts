export { createPrometheusSource, type PrometheusOptions } from './source.ts';
