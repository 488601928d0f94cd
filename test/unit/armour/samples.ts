import { createHash } from 'node:crypto';
import type { ChangePayload } from '../../../shared/model/change.ts';
import type { JsonObject, JsonValue } from '../../../shared/model/json.ts';

/** Bytes that nothing can shorten, as hashes and signatures are; the same in every run. */
const bytes = (seed: string, length: number) =>
  Buffer.concat([0, 1].map((part) => createHash('sha256').update(`${seed}${part}`).digest())).subarray(0, length);
const hex = (seed: string) => bytes(seed, 32).toString('hex');
const signature = (seed: string) => bytes(seed, 64).toString('base64url');
const key = (seed: string) => bytes(seed, 8).toString('hex');
const DEVICE = bytes('device', 16).toString('hex');
const NOW = 1_795_248_000_000;

const UNLEASH: JsonObject = {
  enabled: true,
  strategies: [
    {
      name: 'flexibleRollout',
      title: null,
      disabled: false,
      parameters: { rollout: '35', stickiness: 'default', groupId: 'enable_new_pricing' },
      constraints: [
        {
          contextName: 'country',
          operator: 'IN',
          values: ['DE', 'AT'],
          value: '',
          inverted: false,
          caseInsensitive: false,
        },
        {
          contextName: 'appVersion',
          operator: 'SEMVER_GT',
          values: [],
          value: '4.2.0',
          inverted: false,
          caseInsensitive: false,
        },
      ],
      variants: [
        {
          name: 'blue',
          weight: 300,
          weightType: 'fix',
          stickiness: 'default',
          payload: { type: 'string', value: 'b' },
        },
        { name: 'green', weight: 700, weightType: 'variable', stickiness: 'default' },
      ],
      segments: [3],
    },
    {
      name: 'flexibleRollout',
      title: 'staff',
      disabled: false,
      parameters: { rollout: '100', stickiness: 'default', groupId: 'enable_new_pricing' },
      constraints: [
        {
          contextName: 'userId',
          operator: 'IN',
          values: ['ada', 'grace'],
          value: '',
          inverted: false,
          caseInsensitive: false,
        },
      ],
      variants: [],
      segments: [],
    },
  ],
  variants: [],
  dependencies: [],
  children: [],
};

const FLAGD: JsonObject = {
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'off',
  targeting: {
    if: [
      { in: [{ var: 'region' }, ['eu-west', 'eu-central']] },
      {
        fractional: [
          ['on', 20],
          ['off', 80],
        ],
      },
      'off',
    ],
  },
  metadata: { description: 'Prices from the new pricing engine', owner: 'payments' },
};

function killOf(
  over: Pick<ChangePayload, 'providerKind' | 'providerEnvironment' | 'write'>,
  now: JsonObject,
  then: JsonObject,
) {
  const payload: ChangePayload = {
    version: 1,
    id: '01KAJ5QXJ8V3N7ZK2M4B6C8D0E',
    action: 'kill',
    connection: 'flags-eu',
    flag: 'enable_new_pricing',
    polarity: 'enables',
    environment: 'production',
    tone: 'production',
    before: {
      exposure: 'some',
      percentage: 35,
      serves: 'on',
      killed: false,
      offMeaning: 'off-value',
      revision: key('before'),
      targeting: '35 % where country in DE, AT and appVersion > 4.2.0; staff: 100 % where userId in ada, grace',
      definition: now,
    },
    after: {
      exposure: 'nobody',
      percentage: 0,
      serves: 'off',
      targeting: null,
      killed: true,
      offMeaning: 'off-value',
      revision: key('after'),
      definition: then,
    },
    offMeaning: 'off-value',
    affectedServices: ['checkout'],
    affectedSlis: ['checkout/errors', 'checkout/p99'],
    undoes: null,
    demand: {
      people: 2,
      typed: true,
      rationale: true,
      roles: ['responder', 'release-manager', 'admin'],
      approvers: ['approver', 'release-manager', 'admin'],
      approvalWithinMs: 1_800_000,
    },
    device: DEVICE,
    previewedAtMs: NOW - 20_000,
    expiresAtMs: NOW + 280_000,
    ...over,
  };
  return {
    hash: hex('change'),
    payload,
    rationale: 'INC-2041: p99 of checkout tripled for users with the new prices',
    proposedAtMs: NOW - 5_000,
  };
}

const subject = { kind: 'change', hash: hex('change') };
const request = {
  body: {
    version: 1,
    id: '01KAJ5R2M0X9Y8Z7W6V5T4S3R2',
    subject,
    environment: 'production',
    device: DEVICE,
    requester: { operator: 'responder-a', key: key('requester') },
    atMs: NOW,
    expiresAtMs: NOW + 1_800_000,
  },
  hash: hex('request'),
  signature: signature('request'),
};
const requestOf = (change: ReturnType<typeof killOf>): JsonValue =>
  ({ request, changes: [change], batch: null }) as unknown as JsonValue;

/** A kill at Unleash whose flag has two strategies, constraints and variants: more than most flags have. */
export const UNLEASH_REQUEST = requestOf(
  killOf(
    { providerKind: 'unleash', providerEnvironment: 'production', write: { kind: 'switch', enabled: false } },
    UNLEASH,
    { ...UNLEASH, enabled: false },
  ),
);

const { targeting: _, ...FLAGD_KILLED } = FLAGD;
export const FLAGD_REQUEST = requestOf(
  killOf(
    { providerKind: 'flagd', providerEnvironment: '/srv/flags/production.flagd.json', write: FLAGD_KILLED },
    FLAGD,
    FLAGD_KILLED,
  ),
);

export const DECISION: JsonValue = {
  decision: {
    body: {
      version: 1,
      request: hex('request'),
      subject,
      environment: 'production',
      device: DEVICE,
      decision: 'approve',
      reason: 'seen on the chart too: only users with the flag on are slow',
      by: { operator: 'approver-b', key: key('approver') },
      atMs: NOW + 60_000,
      expiresAtMs: NOW + 1_860_000,
    },
    hash: hex('decision'),
    signature: signature('decision'),
  },
};
