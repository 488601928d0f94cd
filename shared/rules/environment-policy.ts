import type { Config } from '../model/config/index.ts';
import type { EnvironmentPolicy } from '../model/environment.ts';
import { demandFor } from './policy.ts';
import { policyOf } from './policy-terms.ts';

/** A flag that no exception singles out. */
const PLAIN = { key: '', type: 'release', critical: false } as const;

/** What an environment's policy asks for a flag without exceptions, in short: for people to read, not to decide by. */
export function environmentPolicy(policy: Config['policy'], environment: string): EnvironmentPolicy {
  const configured = policyOf(policy, environment);
  const of = (takesAway: boolean) => {
    // Exceptions are counted, not applied: they hold for some flags only.
    const plain = configured === undefined ? {} : { [environment]: { ...configured, rules: [] } };
    const { people, typed, rationale } = demandFor({ policy: plain, environment, flag: PLAIN, takesAway });
    return { people, typed, rationale };
  };
  const glass = configured?.breakGlass;
  return {
    kill: of(true),
    restore: of(false),
    exceptions: configured?.rules?.length ?? 0,
    breakGlassMs: glass?.allowed ? glass.for : null,
  };
}
