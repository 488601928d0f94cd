import type { Marker } from '../../shared/model/marker.ts';

/** The practice world's flags as flagd files, its `scram.yaml`, and what happened before the start. */

export const FLAG_CONNECTION = 'practice-flags';
export const FLAG_FILES: Readonly<Record<string, string>> = {
  production: 'production.flagd.json',
  staging: 'staging.flagd.json',
};

/** How long before the first look the new flag was raised to 20 %, milliseconds. */
export const RAISED_BEFORE_MS = 4 * 60_000;
const RAISED_FLAG = 'enable_new_pricing';
const RAISED_TO = 20;

/** Flags that change how a service behaves, by service. */
export const SERVICE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  checkout: [
    RAISED_FLAG,
    'ops_disable_recs',
    'release_saved_cards',
    'release_new_address_form',
    'experiment_checkout_button',
  ],
  search: ['experiment_search_ranking', 'release_instant_search', 'ops_search_timeout_ms', 'permission_search_api'],
  'payments-api': ['ops_disable_fraud_scoring', 'permission_bulk_refunds', 'release_split_payments'],
};

interface Definition {
  readonly state: 'ENABLED' | 'DISABLED';
  readonly variants: Readonly<Record<string, boolean | string | number>>;
  readonly defaultVariant: string;
  readonly targeting?: object;
  readonly metadata: { readonly description: string; readonly owner: string };
}

function onOff(defaultVariant: 'on' | 'off', owner: string, description: string, targeting?: object): Definition {
  const metadata = { description, owner };
  const base = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant, metadata } as const;
  return targeting ? { ...base, targeting } : base;
}

function newPricing(percentage: number): Definition {
  const description = 'Prices from the new pricing engine';
  if (percentage === 0) return onOff('off', 'payments', description);
  if (percentage === 100) return onOff('on', 'payments', description);
  const targeting = {
    fractional: [
      ['on', percentage],
      ['off', 100 - percentage],
    ],
  };
  return onOff('off', 'payments', description, targeting);
}

function definitions(environment: string, percentage: number): Record<string, Definition> {
  const production = environment === 'production';
  return {
    [RAISED_FLAG]: newPricing(percentage),
    ops_disable_recs: onOff('off', 'growth', 'Turns the recommendations in the basket off'),
    ops_disable_fraud_scoring: onOff('off', 'risk', 'Turns fraud scoring off; orders above 500 are then held back'),
    release_saved_cards: onOff('on', 'payments', 'Pay with a card from an earlier order'),
    release_new_address_form: onOff(production ? 'off' : 'on', 'checkout', 'One-line address form'),
    release_instant_search: onOff('off', 'search', 'Results while typing', {
      if: [{ in: [{ var: 'region' }, ['eu-west']] }, 'on', 'off'],
    }),
    release_split_payments: {
      ...onOff('off', 'payments', 'Pay one order in several parts'),
      state: production ? 'DISABLED' : 'ENABLED',
    },
    permission_bulk_refunds: onOff('off', 'payments', 'Refund many orders at once, for business customers', {
      if: [{ '==': [{ var: 'plan' }, 'business'] }, 'on', 'off'],
    }),
    permission_search_api: onOff('off', 'search', 'Search by API, for paying customers', {
      if: [{ in: [{ var: 'plan' }, ['plus', 'business']] }, 'on', 'off'],
    }),
    experiment_search_ranking: {
      state: 'ENABLED',
      variants: { control: 'bm25', semantic: 'semantic', hybrid: 'hybrid' },
      defaultVariant: 'control',
      targeting: {
        fractional: [
          ['control', 50],
          ['semantic', 25],
          ['hybrid', 25],
        ],
      },
      metadata: { description: 'Order of search results', owner: 'search' },
    },
    experiment_checkout_button: {
      state: 'ENABLED',
      variants: { control: 'Buy now', short: 'Buy', long: 'Place your order' },
      defaultVariant: 'control',
      metadata: { description: 'Words on the last button of the order', owner: 'growth' },
    },
    ops_search_timeout_ms: {
      state: 'ENABLED',
      variants: { normal: 300, tight: 120 },
      defaultVariant: 'normal',
      metadata: { description: 'Time that a search may take, milliseconds', owner: 'search' },
    },
  };
}

/** Content of a flag file, with the new flag at a percentage of users. */
export function flagFileText(environment: string, percentage: number): string {
  const flags = definitions(environment, percentage);
  return `${JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags }, null, 2)}\n`;
}

export interface PastContent {
  readonly environment: string;
  readonly atMs: number;
  readonly text: string;
}

/** What the files held up to `startMs`: calm for a day, then the new flag raised in production a few minutes ago. */
export function pastOf(startMs: number): PastContent[] {
  const longAgoMs = startMs - 24 * 3_600_000;
  return [
    { environment: 'production', atMs: longAgoMs, text: flagFileText('production', 0) },
    { environment: 'staging', atMs: longAgoMs, text: flagFileText('staging', 100) },
    { environment: 'production', atMs: startMs - RAISED_BEFORE_MS, text: flagFileText('production', RAISED_TO) },
  ];
}

/** The raise as a line on the charts: what a deploy pipeline would have told. */
export function raisedMarker(atMs: number): Marker {
  return {
    id: `sandbox-raise-${atMs}`,
    kind: 'flag',
    atMs,
    approximate: false,
    environment: 'production',
    connection: FLAG_CONNECTION,
    subject: RAISED_FLAG,
    services: ['checkout'],
    fromPercentage: 0,
    toPercentage: RAISED_TO,
    ours: false,
    by: 'release train',
  };
}

const flagsOf = (service: string): string =>
  (SERVICE_FLAGS[service] ?? []).map((key) => `      - { connection: ${FLAG_CONNECTION}, key: ${key} }`).join('\n');

const sli = (service: string, id: string, name: string, unit: string, objective: string): string =>
  `      - id: ${id}
        name: ${name}
        connection: practice-metrics
        query: ${id}{service="${service}",environment="$environment"}
        unit: ${unit}${objective === '' ? '' : `\n        objective: ${objective}`}`;

const cohort = (id: string): string => `        cohort:
          flag: ${RAISED_FLAG}
          query: ${id}{service="checkout",environment="$environment",variant="$cohort"}
          "on": "on"
          "off": "off"`;

export const SANDBOX_CONFIG = `version: 1
team: practice
environments:
  production: { tone: production, propagationObjective: 10s }
  staging: { propagationObjective: 10s }
connections:
  - id: ${FLAG_CONNECTION}
    kind: flagd
    files: { production: ./${FLAG_FILES.production}, staging: ./${FLAG_FILES.staging} }
    refresh: 2s
    observers: [ { kind: sandbox } ]
  - { id: practice-metrics, kind: sandbox, refresh: 1s }
services:
  - id: checkout
    owner: payments
    flags:
${flagsOf('checkout')}
    dependencies: [ { id: recommendations, killSwitch: ops_disable_recs } ]
    slis:
${sli('checkout', 'p99', 'p99 latency', 's', '{ below: 0.6 }')}
${cohort('p99')}
${sli('checkout', 'errors', 'errors', 'ratio', '{ below: 0.01 }')}
${cohort('errors')}
${sli('checkout', 'rate', 'requests', 'per_second', '')}
  - id: search
    owner: search
    flags:
${flagsOf('search')}
    slis:
${sli('search', 'p99', 'p99 latency', 's', '{ below: 0.4 }')}
${sli('search', 'errors', 'errors', 'ratio', '{ below: 0.01 }')}
  - id: payments-api
    owner: payments
    flags:
${flagsOf('payments-api')}
    slis:
${sli('payments-api', 'p99', 'p99 latency', 's', '{ below: 1 }')}
${sli('payments-api', 'errors', 'errors', 'ratio', '{ below: 0.01 }')}
policy:
  production:
    kill: { people: 1 }
    restore: { people: 2 }
    breakGlass: { allowed: true, for: 15m, reviewWithin: 24h }
flags:
  - key: ${RAISED_FLAG}
    type: release
    owner: payments
    fallback: prices from the old engine
    failState: feature-off
    tags: [pricing]
  - key: ops_disable_recs
    type: ops
    polarity: disables
    owner: growth
    fallback: popular items instead of recommendations
    failState: feature-on
  - key: ops_disable_fraud_scoring
    type: ops
    polarity: disables
    owner: risk
    fallback: orders above 500 are held back for a person
    failState: feature-on
    critical: true
  - { key: permission_bulk_refunds, type: permission }
  - { key: permission_search_api, type: permission }
  - { key: experiment_search_ranking, type: experiment, safeDefault: control }
  - { key: experiment_checkout_button, type: experiment, safeDefault: control }
  - { key: ops_search_timeout_ms, type: ops }
killSets:
  - { id: checkout-minimum, flags: [${RAISED_FLAG}, experiment_checkout_button, ops_disable_recs] }
`;
