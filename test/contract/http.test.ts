import { httpFixture } from '../integration/http-flags/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('http', httpFixture);
describeHttpFaults('http', httpFixture);
