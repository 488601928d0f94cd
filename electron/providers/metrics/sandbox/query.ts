import { ScramError } from '../../../../shared/model/error.ts';

export const METRICS = ['p50', 'p99', 'errors', 'rate'] as const;
export type PracticeMetric = (typeof METRICS)[number];

const LABELS = ['service', 'environment', 'region', 'instance', 'variant'] as const;
type Label = (typeof LABELS)[number];

/** What the practice world is asked for. Labels left out mean all of them; `variant` is the cohort, on or off. */
export interface PracticeQuery {
  readonly metric: PracticeMetric;
  readonly service: string;
  readonly environment: string;
  readonly region: string | null;
  readonly instance: string | null;
  readonly variant: 'on' | 'off' | null;
}

/**
 * Reads `p99{service="checkout",environment="production",variant="on"}`: one of four metrics (p50 and p99 in seconds,
 * errors as a ratio, rate per second), then labels, of which service and environment are needed. Throws `provider` with
 * what stands wrong and where.
 */
export function parseQuery(text: string): PracticeQuery {
  const shape = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\{(.*)\}\s*$/s.exec(text);
  if (!shape) throw bad(text, 'write a metric and its labels, as p99{service="checkout",environment="production"}');
  const metric = METRICS.find((name) => name === shape[1]);
  if (metric === undefined) throw bad(text, `there is no metric ${shape[1]}; there are ${METRICS.join(', ')}`);
  const labels = parseLabels(text, shape[2] ?? '');
  const service = labels.get('service');
  const environment = labels.get('environment');
  if (service === undefined) throw bad(text, 'the label service is missing');
  if (environment === undefined) throw bad(text, 'the label environment is missing');
  const variant = labels.get('variant') ?? null;
  if (variant !== null && variant !== 'on' && variant !== 'off')
    throw bad(text, `variant is on or off, not ${variant}`);
  const region = labels.get('region') ?? null;
  return { metric, service, environment, region, instance: labels.get('instance') ?? null, variant };
}

function parseLabels(text: string, body: string): Map<Label, string> {
  const labels = new Map<Label, string>();
  const one = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\{}]*)"\s*(,|$)/y;
  while (body.slice(one.lastIndex).trim() !== '') {
    const start = one.lastIndex;
    const found = one.exec(body);
    if (!found) throw bad(text, `label="value" is expected at ${JSON.stringify(body.slice(start).trim())}`);
    const label = LABELS.find((name) => name === found[1]);
    if (label === undefined) throw bad(text, `there is no label ${found[1]}; there are ${LABELS.join(', ')}`);
    if (labels.has(label)) throw bad(text, `the label ${label} is there twice`);
    labels.set(label, found[2] ?? '');
  }
  return labels;
}

function bad(text: string, why: string): ScramError {
  return new ScramError('provider', `practice metrics: bad query ${JSON.stringify(text)}: ${why}`, {
    action: 'correct the query in scram.yaml',
  });
}
