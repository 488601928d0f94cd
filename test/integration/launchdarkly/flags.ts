import { randomUUID } from 'node:crypto';

export interface FixtureServing {
  variation?: number;
  rollout?: {
    variations: { variation: number; weight: number }[];
    bucketBy?: string;
    contextKind?: string;
    seed?: number;
  };
}

export interface FixtureEnvironment {
  on: boolean;
  archived: boolean;
  salt: string;
  version: number;
  lastModified: number;
  targets: { values: string[]; variation: number; contextKind: string }[];
  contextTargets: { values: string[]; variation: number; contextKind: string }[];
  rules: (FixtureServing & {
    _id: string;
    description?: string;
    clauses: { attribute: string; op: string; values: string[]; negate: boolean }[];
    trackEvents: boolean;
  })[];
  fallthrough: FixtureServing;
  /** Left out of answers when there is none. */
  offVariation?: number;
  prerequisites: { key: string; variation: number }[];
  trackEvents: boolean;
}

export interface FixtureFlag {
  key: string;
  name: string;
  kind: 'boolean' | 'multivariate';
  description: string;
  _version: number;
  variations: { _id: string; value: unknown; name?: string }[];
  tags: string[];
  temporary: boolean;
  archived: boolean;
  deprecated: boolean;
  _maintainer: { _id: string; email: string; firstName: string; lastName: string };
  environments: Record<string, FixtureEnvironment>;
}

export const ENVIRONMENTS = ['production', 'test', 'eu', 'us', 'lab'];

/** A flag as LaunchDarkly makes it, the same in every environment; boolean unless values are given. */
export function newFlag(
  key: string,
  config: Partial<FixtureEnvironment> = {},
  values: unknown[] = [true, false],
): FixtureFlag {
  const environment = (name: string): FixtureEnvironment => ({
    on: true,
    archived: false,
    salt: `${key}-${name}`,
    version: 1,
    lastModified: Date.now(),
    targets: [],
    contextTargets: [],
    rules: [],
    fallthrough: { variation: 0 },
    offVariation: 1,
    prerequisites: [],
    trackEvents: false,
    ...structuredClone(config),
  });
  return {
    key,
    name: key.replaceAll('_', ' '),
    kind: typeof values[0] === 'boolean' ? 'boolean' : 'multivariate',
    description: '',
    _version: 1,
    variations: values.map((value) => ({ _id: randomUUID(), value })),
    tags: [],
    temporary: true,
    archived: false,
    deprecated: false,
    _maintainer: {
      _id: '569f183514f4432160000007',
      email: 'sandy@acme.example',
      firstName: 'Sandy',
      lastName: 'Smith',
    },
    environments: Object.fromEntries(ENVIRONMENTS.map((name) => [name, environment(name)])),
  };
}

export const SHARE_20: FixtureServing = {
  rollout: {
    variations: [
      { variation: 0, weight: 20_000 },
      { variation: 1, weight: 80_000 },
    ],
    bucketBy: 'key',
    contextKind: 'user',
  },
};

/** The flags of the contract suite. */
export function standardFlags(): FixtureFlag[] {
  return [
    newFlag('enable_rollout', { fallthrough: SHARE_20 }),
    newFlag('enable_plain'),
    newFlag('ops_disable_dep', { on: false }),
    newFlag('layout', {}, ['wide', 'narrow']),
  ];
}
