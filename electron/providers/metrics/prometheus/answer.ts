import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { MetricSeries } from '../../../services/slis/source.ts';
import { fieldName } from '../../shared/field-name.ts';

/** Values are strings, so that NaN and the infinities can be told (Prometheus HTTP API, "Expression query result formats"). */
const NUMBER = /^(NaN|[+-]?Inf|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$/;

const sampleSchema = z.tuple([z.number(), z.string().regex(NUMBER, 'a number in a string, NaN, +Inf or -Inf')]);
type Sample = z.output<typeof sampleSchema>;

const labelsSchema = z.record(z.string(), z.string());
const histogramsSchema = z.unknown().optional();

const dataSchema = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labelsSchema, value: sampleSchema.optional(), histogram: histogramsSchema })),
  }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: labelsSchema, values: z.array(sampleSchema).optional(), histograms: histogramsSchema }),
    ),
  }),
  z.object({ resultType: z.literal('scalar'), result: sampleSchema }),
  z.object({ resultType: z.literal('string'), result: z.tuple([z.number(), z.string()]) }),
]);

/** Unknown fields are let through: VictoriaMetrics and Mimir add `stats`, `trace`, `isPartial` beside these. */
const successSchema = z.object({
  status: z.literal('success'),
  data: dataSchema,
  warnings: z.array(z.string()).nullish(),
  infos: z.array(z.string()).nullish(),
  isPartial: z.boolean().optional(),
});

export const failureSchema = z.object({
  status: z.literal('error'),
  /** A word in Prometheus, the HTTP status as text in VictoriaMetrics. */
  errorType: z.string().default(''),
  error: z.string(),
});
export type Failure = z.output<typeof failureSchema>;

export interface ParsedAnswer {
  readonly series: readonly MetricSeries[];
  readonly warnings: readonly string[];
  readonly notNumbers: number;
}

/** Throws `provider` that names the field which does not fit. `where` names the source, for the message. */
export function parseAnswer(body: unknown, where: string): ParsedAnswer {
  const parsed = successSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ScramError(
      'provider',
      `${where} answered in a form that is not Prometheus': ${fieldName(issue?.path ?? [])}: ${issue?.message ?? 'unknown'}`,
      { action: 'Check that the connection’s url is a Prometheus API, without /api/v1 at its end.' },
    );
  }
  const { data, warnings, infos, isPartial } = parsed.data;
  const notes = [...(warnings ?? []), ...(infos ?? [])];
  if (isPartial === true) notes.unshift('The answer is partial: a storage node did not answer.');
  return { ...seriesOf(data, where), warnings: notes };
}

function seriesOf(data: z.output<typeof dataSchema>, where: string): Omit<ParsedAnswer, 'warnings'> {
  let notNumbers = 0;
  const one = (labels: Record<string, string>, samples: readonly Sample[]): MetricSeries => {
    const kept: { atMs: number; value: number }[] = [];
    for (const [seconds, text] of samples) {
      const value = Number(text);
      if (Number.isFinite(value)) kept.push({ atMs: Math.round(seconds * 1000), value });
      else notNumbers += 1;
    }
    return { labels, samples: kept };
  };
  const series: MetricSeries[] = [];
  if (data.resultType === 'string') {
    throw new ScramError('provider', `${where}: the query yields a text, not numbers`, {
      action: 'Use a query that yields a number.',
    });
  }
  if (data.resultType === 'scalar') series.push(one({}, [data.result]));
  else if (data.resultType === 'vector') {
    for (const { metric, value } of data.result) {
      if (!value) throw nativeHistogram(where);
      series.push(one(metric, [value]));
    }
  } else {
    for (const { metric, values } of data.result) {
      if (!values) throw nativeHistogram(where);
      series.push(one(metric, values));
    }
  }
  return { series, notNumbers };
}

function nativeHistogram(where: string): ScramError {
  return new ScramError('provider', `${where}: the query yields native histograms, not numbers`, {
    action: 'Wrap it in histogram_quantile(), histogram_count() or histogram_avg().',
  });
}
