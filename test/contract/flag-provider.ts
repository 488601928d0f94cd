import { describe } from 'vitest';
import type { FlagFixture } from './flag-fixture.ts';
import { followingTests } from './flag-provider/following.ts';
import { killingTests } from './flag-provider/killing.ts';
import { readingTests } from './flag-provider/reading.ts';
import { sharingTests } from './flag-provider/sharing.ts';
import { toolsOf } from './flag-provider/tools.ts';

export type { FlagFixture, HttpEnd } from './flag-fixture.ts';

/** What every flag provider must do; the mandatory tests follow from its capabilities. */
export function describeFlagProvider(name: string, makeFixture: () => Promise<FlagFixture>): void {
  const tools = toolsOf(makeFixture);
  describe(`flag provider ${name}`, () => {
    readingTests(tools);
    killingTests(tools);
    sharingTests(tools);
    followingTests(tools);
  });
}
