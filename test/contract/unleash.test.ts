import { afterAll, beforeAll } from 'vitest';
import { unleashFixture } from '../integration/unleash/fixture.ts';
import { type RunningUnleash, startUnleash } from '../support/unleash.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

let server: RunningUnleash;
beforeAll(async () => {
  server = await startUnleash();
}, 90_000);
afterAll(() => server?.stop());

describeFlagProvider('Unleash', () => unleashFixture(server));
describeHttpFaults('Unleash', () => unleashFixture(server));
