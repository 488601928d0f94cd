import { fliptFixture } from '../integration/flipt/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('Flipt', fliptFixture);
describeHttpFaults('Flipt', fliptFixture);
