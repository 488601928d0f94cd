import { flagsmithFixture } from '../integration/flagsmith/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

const versioned = () => flagsmithFixture({ versioning: true });

describeFlagProvider('Flagsmith', flagsmithFixture);
describeHttpFaults('Flagsmith', flagsmithFixture);
describeFlagProvider('Flagsmith with feature versioning', versioned);
describeHttpFaults('Flagsmith with feature versioning', versioned);
