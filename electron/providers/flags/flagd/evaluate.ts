import { FlagdCore } from '@openfeature/flagd-core';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** What flagd says of one user: the variant and value served, or null and the reason why the code's default is used. */
export interface Evaluation {
  readonly variant: string | null;
  readonly value: JsonValue | null;
  readonly reason: string;
}

/**
 * Evaluates one definition as services do, by flagd's own evaluator. Throws when flagd refuses the definition.
 * Compiling rules costs about 0.1 ms a flag, so a list of 10,000 is read by `checkDefinition` instead.
 */
export function evaluatorOf(
  key: string,
  definition: JsonObject,
  evaluators: JsonObject,
): (userId: string) => Evaluation {
  const core = new FlagdCore(undefined, silent);
  core.setConfigurations(JSON.stringify({ flags: { [key]: definition }, $evaluators: evaluators }));
  const flag = core.getFlag(key);
  return (userId) => {
    const result = flag?.evaluate({ targetingKey: userId }, silent);
    const value = result?.value;
    return {
      variant: result?.variant ?? null,
      value: value === undefined || value === null ? null : JSON.parse(JSON.stringify(value)),
      reason: String(result?.reason ?? 'ERROR'),
    };
  };
}

/** True when the definition serves `variant` to whoever asks. */
export function servesEveryone(key: string, definition: JsonObject, evaluators: JsonObject, variant: string): boolean {
  const evaluate = evaluatorOf(key, definition, evaluators);
  return ['', 'user-1', 'user-2'].every((userId) => evaluate(userId).variant === variant);
}

/** True when the rules cannot be run at all: flagd then leaves every user to the code's own default (PARSE_ERROR). */
export function rulesAreBroken(key: string, definition: JsonObject, evaluators: JsonObject): boolean {
  return evaluatorOf(key, definition, evaluators)('user-1').reason === 'ERROR';
}
