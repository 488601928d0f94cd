import { launchdarklyFixture } from '../integration/launchdarkly/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('LaunchDarkly', launchdarklyFixture);
describeHttpFaults('LaunchDarkly', launchdarklyFixture);
