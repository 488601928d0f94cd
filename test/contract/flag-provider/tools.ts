import type { PlannedWrite, ProviderFlag, WriteRequest } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import type { FlagFixture } from '../flag-fixture.ts';

export const ENVIRONMENT = 'production';
export const USERS = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
export const COMMENT = 'SCRAM-2026-0042: checkout errors, change 7f3a';
/** More than one page of every provider that pages. */
export const MANY = 250;
export const never = new AbortController().signal;

/** As the ledger keeps it between planning and writing. */
export const kept = <T extends JsonValue>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

export async function until(condition: () => boolean | Promise<boolean>, within = 8000): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not within its time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const holdsLayout = (fixture: FlagFixture) => (fixture.holds ?? 'variants') === 'variants';

export type Tools = ReturnType<typeof toolsOf>;

/** What every test of the suite does with a fixture of its own. */
export function toolsOf(makeFixture: () => Promise<FlagFixture>) {
  async function using(run: (fixture: FlagFixture) => Promise<void>): Promise<void> {
    const fixture = await makeFixture();
    try {
      await run(fixture);
    } finally {
      fixture.provider.dispose();
      await fixture.dispose();
    }
  }
  const read = (fixture: FlagFixture, key: string) => fixture.provider.readFlag(key, ENVIRONMENT, never);
  const requestOf = (flag: ProviderFlag, plan: PlannedWrite): WriteRequest => ({
    key: flag.key,
    environment: ENVIRONMENT,
    expectRevision: flag.state.revision,
    write: kept(plan.write),
    comment: COMMENT,
  });
  const write = (fixture: FlagFixture, flag: ProviderFlag, plan: PlannedWrite) =>
    fixture.provider.apply(requestOf(flag, plan), never);
  const shareOf = async (fixture: FlagFixture, flag: ProviderFlag) => {
    const served = await fixture.evaluate(flag.key, USERS);
    return (served.filter((variant) => variant !== flag.safeDefault).length / USERS.length) * 100;
  };

  return { using, read, requestOf, write, shareOf };
}
