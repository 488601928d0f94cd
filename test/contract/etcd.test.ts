import { documentFixture, keysFixture } from '../integration/etcd/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('etcd, a key for each flag', keysFixture);
describeFlagProvider('etcd, a flag file in one key', documentFixture);
describeHttpFaults('etcd, a key for each flag', keysFixture);
