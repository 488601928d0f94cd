import { isDeepStrictEqual } from 'node:util';
import type { FixtureEnvironment, FixtureFlag } from './flags.ts';

/** A documented refusal: status, code, message. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
const invalid = (message: string) => new Refusal(400, 'invalid_request', message);

const EDITABLE =
  /^\/(name|description|tags|temporary)$|^\/environments\/[^/]+\/(on|offVariation|fallthrough|targets|contextTargets|rules|prerequisites|trackEvents)$/;

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** RFC 6902, all or nothing, for what may be edited. */
export function jsonPatch(flag: FixtureFlag, patch: unknown, testFails: number): FixtureFlag {
  if (!Array.isArray(patch)) throw invalid('patch must be an array of operations');
  const next = structuredClone(flag);
  for (const operation of patch as { op?: unknown; path?: unknown; value?: unknown }[]) {
    const { op, path } = operation;
    if (typeof path !== 'string' || !path.startsWith('/'))
      throw new Refusal(422, 'unprocessable', 'invalid patch path');
    const tokens = path
      .slice(1)
      .split('/')
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = tokens.pop() ?? '';
    let parent: unknown = next;
    for (const token of tokens) parent = isNode(parent) ? parent[token] : undefined;
    if (!isNode(parent)) throw new Refusal(422, 'unprocessable', `invalid patch path ${path}`);
    if (op === 'test') {
      if (!isDeepStrictEqual(parent[last], operation.value)) {
        throw new Refusal(
          testFails,
          testFails === 409 ? 'conflict' : 'invalid_request',
          `testing value ${path} failed`,
        );
      }
      continue;
    }
    if (!EDITABLE.test(path)) throw invalid(`${path} cannot be edited`);
    if (op !== 'add' && !(last in parent))
      throw new Refusal(422, 'unprocessable', `${String(op)} of ${path}: it is not there`);
    if (op === 'remove') delete parent[last];
    else if ((op === 'replace' || op === 'add') && 'value' in operation) parent[last] = operation.value;
    else throw new Refusal(422, 'unprocessable', `unknown operation ${String(op)}`);
  }
  return next;
}

export function semanticPatch(flag: FixtureFlag, body: Node): FixtureFlag {
  const next = structuredClone(flag);
  const config = next.environments[String(body.environmentKey)];
  if (!config) throw invalid('unknown environmentKey');
  if (!Array.isArray(body.instructions) || body.instructions.length === 0) throw invalid('instructions are required');
  const indexOf = (id: unknown): number => {
    const index = flag.variations.findIndex(({ _id }) => _id === id);
    if (index === -1) throw invalid(`unknown variationId ${String(id)}`);
    return index;
  };
  for (const instruction of body.instructions as Node[]) {
    if (instruction.kind === 'turnFlagOff') config.on = false;
    else if (instruction.kind === 'turnFlagOn') config.on = true;
    else if (instruction.kind === 'updateOffVariation') config.offVariation = indexOf(instruction.variationId);
    else if (instruction.kind === 'updateFallthroughVariationOrRollout') {
      const { variationId, rolloutWeights, rolloutBucketBy, rolloutContextKind } = instruction;
      if (isNode(rolloutWeights)) {
        config.fallthrough = {
          rollout: {
            variations: Object.entries(rolloutWeights).map(([id, weight]) => ({
              variation: indexOf(id),
              weight: Number(weight),
            })),
            ...(typeof rolloutBucketBy === 'string' ? { bucketBy: rolloutBucketBy } : {}),
            contextKind: typeof rolloutContextKind === 'string' ? rolloutContextKind : 'user',
          },
        };
      } else config.fallthrough = { variation: indexOf(variationId) };
    } else throw invalid(`unknown instruction kind ${String(instruction.kind)}`);
  }
  return next;
}

/** What LaunchDarkly would not save. */
export function check(flag: FixtureFlag): void {
  const count = flag.variations.length;
  const known = (index: unknown): boolean => Number.isInteger(index) && Number(index) >= 0 && Number(index) < count;
  for (const config of Object.values(flag.environments)) {
    if (typeof config.on !== 'boolean') throw invalid('on must be a boolean');
    if (config.offVariation !== undefined && !known(config.offVariation)) throw invalid('unknown off variation');
    for (const { variation, rollout } of [config.fallthrough, ...config.rules]) {
      if ((variation === undefined) === (rollout === undefined)) throw invalid('either a variation or a rollout');
      if (variation !== undefined && !known(variation)) throw invalid('unknown variation');
      const weights = rollout?.variations ?? [];
      if (weights.some((one) => !known(one.variation) || !Number.isInteger(one.weight) || one.weight < 0)) {
        throw invalid('invalid rollout');
      }
      if (rollout && weights.reduce((sum, { weight }) => sum + weight, 0) !== 100_000) {
        throw invalid('rollout weights must add up to 100000');
      }
    }
  }
}

const FIELDS = [
  'on',
  'offVariation',
  'fallthrough',
  'targets',
  'contextTargets',
  'rules',
  'prerequisites',
  'trackEvents',
];
const ACTIONS: Readonly<Record<string, string>> = {
  on: 'updateOn',
  offVariation: 'updateOffVariation',
  fallthrough: 'updateFallthrough',
  targets: 'updateTargets',
  contextTargets: 'updateTargets',
  rules: 'updateRules',
  prerequisites: 'updatePrerequisites',
  trackEvents: 'updateTrackEvents',
};

/** The actions that lead from one configuration to the other. */
export function actionsBetween(before: FixtureEnvironment, after: FixtureEnvironment): string[] {
  const at = (config: FixtureEnvironment, field: string): unknown => (config as unknown as Node)[field];
  return FIELDS.filter((field) => !isDeepStrictEqual(at(before, field), at(after, field))).map(
    (field) => ACTIONS[field] ?? field,
  );
}
