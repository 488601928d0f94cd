import type { Latency } from './latency.ts';

/** A flag that changes how a service behaves for the users who have it on. */
export interface FlagEffect {
  readonly flag: string;
  /** Where the effect is felt: staging has too little data to show it. */
  readonly environment: string;
  readonly latency: Latency;
  readonly errors: number;
}

export interface PracticeService {
  readonly id: string;
  /** Requests per second over all instances, in production. */
  readonly rate: number;
  readonly latency: Latency;
  /** Share of requests that fail. */
  readonly errors: number;
  /** Its users are split by this flag for cohort metrics. */
  readonly effect: FlagEffect | null;
}

/** Standard deviation of the logarithm for which 99 % are answered within `p99`. */
function latency(median: number, p99: number): Latency {
  return { median, sigma: Math.log(p99 / median) / 2.326 };
}

/**
 * At 20 % of users, the p99 over all of them is the cohort's p95: 0.25 s becomes about 0.8 s, and the errors stay
 * within their objective.
 */
export const SERVICES: readonly PracticeService[] = [
  {
    id: 'checkout',
    rate: 120,
    latency: latency(0.09, 0.25),
    errors: 0.004,
    effect: { flag: 'enable_new_pricing', environment: 'production', latency: latency(0.6, 0.9), errors: 0.012 },
  },
  { id: 'search', rate: 340, latency: latency(0.045, 0.14), errors: 0.001, effect: null },
  { id: 'payments-api', rate: 60, latency: latency(0.12, 0.38), errors: 0.002, effect: null },
];

/** Regions of each environment. */
export const REGIONS: Readonly<Record<string, readonly string[]>> = {
  production: ['eu-west', 'us-east', 'ap-south'],
  staging: ['eu-west'],
};

export const INSTANCES_PER_REGION = 3;
/** Each instance reads its flags anew at this pace, milliseconds. */
export const REFRESH_MS = 2_000;
