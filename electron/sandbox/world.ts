import { ScramError } from '../../shared/model/error.ts';
import type { PracticeQuery } from '../providers/metrics/sandbox/query.ts';
import type { FlagObservation } from '../services/flags/observer.ts';
import type { FlagVersion, PracticeUser } from './flag-version.ts';
import { type Latency, mixtureQuantile } from './latency.ts';
import { uniform, wobble } from './noise.ts';
import { INSTANCES_PER_REGION, type PracticeService, REFRESH_MS, REGIONS, SERVICES } from './services.ts';

/** Users of each instance. Together enough that 20 % of them is 20 %, within a point or two. */
const USERS_PER_INSTANCE = 120;
/** Metrics speak of the last seconds, as a rate over a window does. */
const WINDOW_S = 4;
/** Cohorts smaller than this serve no request in a window. */
const LEAST_SHARE = 0.002;

interface Instance {
  readonly name: string;
  readonly region: string;
  /** Offset of its reads of the flags, milliseconds: no two read at once. */
  readonly phaseMs: number;
  readonly users: readonly PracticeUser[];
}

export interface World {
  /** Value of a practice metric at a moment, epoch ms; null where there is no such traffic. */
  value(query: PracticeQuery, atMs: number): number | null;
  /** What each instance of a service uses of a flag: a row per variant, since rules give users different ones. */
  observe(service: string, flag: string, environment: string, atMs: number): FlagObservation[];
}

/**
 * The practice services as a pure function of time: `versions` are the contents that the flag files have had, oldest
 * first, and may grow. Each instance knows the content that was there when it last looked. The same seed and versions
 * give the same values, also for moments before the start.
 */
export function createWorld(seed: number, versions: readonly FlagVersion[]): World {
  const instances = new Map<string, readonly Instance[]>();
  const shares = new WeakMap<FlagVersion, Map<string, number>>();
  const quantiles = new Map<string, number | null>();

  function instancesOf(service: string, environment: string): readonly Instance[] {
    const key = `${service} ${environment}`;
    const known = instances.get(key) ?? makeInstances(seed, service, environment);
    instances.set(key, known);
    return known;
  }

  /** What the instance knows at a moment: the content that its last look found. */
  function versionAt(
    instance: Instance,
    environment: string,
    atMs: number,
  ): { version: FlagVersion | null; atMs: number } {
    const lookedAtMs = Math.floor((atMs - instance.phaseMs) / REFRESH_MS) * REFRESH_MS + instance.phaseMs;
    const version = versions.findLast((one) => one.environment === environment && one.atMs <= lookedAtMs) ?? null;
    return { version, atMs: lookedAtMs };
  }

  /** Share of the instance's users whose request is served with the flag on, 0 to 1. */
  function shareOn(instance: Instance, environment: string, flag: string, atMs: number): number {
    const { version } = versionAt(instance, environment, atMs);
    if (!version) return 0;
    const known = shares.get(version) ?? new Map<string, number>();
    shares.set(version, known);
    const key = `${instance.name} ${flag}`;
    let share = known.get(key);
    if (share === undefined) {
      share = instance.users.filter((user) => version.variantFor(flag, user) === 'on').length / instance.users.length;
      known.set(key, share);
    }
    return share;
  }

  function windowShare(of: readonly Instance[], environment: string, flag: string, atMs: number): number {
    let sum = 0;
    for (let second = 0; second < WINDOW_S; second++) {
      for (const instance of of) sum += shareOn(instance, environment, flag, atMs - second * 1000);
    }
    return sum / (WINDOW_S * of.length);
  }

  function quantile(service: PracticeService, on: number, off: number, onLatency: Latency, of: number): number | null {
    const key = `${service.id} ${on.toFixed(4)} ${off.toFixed(4)} ${onLatency.median} ${of}`;
    const known = quantiles.get(key);
    if (known !== undefined) return known;
    const parts = [
      { share: on, latency: onLatency },
      { share: off, latency: service.latency },
    ];
    const value = mixtureQuantile(parts, of);
    quantiles.set(key, value);
    return value;
  }

  function value(query: PracticeQuery, atMs: number): number | null {
    const { service, of } = find(query);
    const { metric, environment, variant } = query;
    const effect = service.effect;
    const on = effect ? windowShare(of, environment, effect.flag, atMs) : 0;
    const cohort = { on: variant === 'off' || on < LEAST_SHARE ? 0 : on, off: variant === 'on' ? 0 : 1 - on };
    const share = cohort.on + cohort.off;
    if (share < LEAST_SHARE) return null;

    const felt = effect?.environment === environment ? effect : { latency: service.latency, errors: service.errors };
    const name = [metric, service.id, environment, query.region, query.instance, variant].join('/');
    const all = instancesOf(service.id, environment).length;
    if (metric === 'rate') {
      const rate = service.rate * (environment === 'production' ? 1 : 0.05);
      return rate * (of.length / all) * share * wobble(seed, name, atMs, 0.08);
    }
    if (metric === 'errors') {
      const ratio = (cohort.on * felt.errors + cohort.off * service.errors) / share;
      return ratio * wobble(seed, name, atMs, 0.25);
    }
    const latency = quantile(service, cohort.on, cohort.off, felt.latency, metric === 'p99' ? 0.99 : 0.5);
    return latency === null ? null : latency * wobble(seed, name, atMs, 0.07);
  }

  function find(query: PracticeQuery): { service: PracticeService; of: readonly Instance[] } {
    const service = SERVICES.find((one) => one.id === query.service);
    if (!service)
      throw unknown(
        'service',
        query.service,
        SERVICES.map((one) => one.id),
      );
    const { environment, region, instance } = query;
    if (!Object.hasOwn(REGIONS, environment)) throw unknown('environment', environment, Object.keys(REGIONS));
    if (query.variant !== null && service.effect === null) {
      throw new ScramError('provider', `practice metrics: ${service.id} has no cohorts; leave the label variant out`);
    }
    const all = instancesOf(service.id, environment);
    const of = all.filter((one) => (region ?? one.region) === one.region && (instance ?? one.name) === one.name);
    if (of.length === 0)
      throw unknown(
        'instance',
        instance ?? region ?? '',
        all.map((one) => one.name),
      );
    return { service, of };
  }

  function observe(service: string, flag: string, environment: string, atMs: number): FlagObservation[] {
    return instancesOf(service, environment).flatMap((instance) => {
      const looked = versionAt(instance, environment, atMs);
      const variants = new Set(instance.users.map((user) => looked.version?.variantFor(flag, user) ?? null));
      return [...variants].map((variant) => ({
        key: flag,
        instance: instance.name,
        region: instance.region,
        variant,
        atMs: looked.atMs,
      }));
    });
  }

  return { value, observe };
}

function makeInstances(seed: number, service: string, environment: string): Instance[] {
  const regions = REGIONS[environment] ?? [];
  const count = regions.length * INSTANCES_PER_REGION;
  const start = Math.floor(REFRESH_MS * uniform(seed, `${service}/${environment}`, 0));
  return regions.flatMap((region, at) =>
    Array.from({ length: INSTANCES_PER_REGION }, (_, index) => ({
      name: `${service}-${region}-${index + 1}`,
      region,
      phaseMs: (start + Math.floor(((at + index * regions.length) * REFRESH_MS) / count)) % REFRESH_MS,
      users: makeUsers(seed, region, index),
    })),
  );
}

/** Users live in a region, and their requests go to one instance there, of every service the same. */
function makeUsers(seed: number, region: string, instance: number): PracticeUser[] {
  return Array.from({ length: USERS_PER_INSTANCE }, (_, index) => {
    const number = instance * USERS_PER_INSTANCE + index;
    const chance = uniform(seed, `plan/${region}`, number);
    return {
      targetingKey: `user-${region}-${number}`,
      region,
      plan: chance < 0.7 ? 'free' : chance < 0.9 ? 'plus' : 'business',
    };
  });
}

function unknown(what: string, name: string, known: readonly string[]): ScramError {
  return new ScramError('provider', `practice metrics: there is no ${what} ${name}; there are ${known.join(', ')}`);
}
