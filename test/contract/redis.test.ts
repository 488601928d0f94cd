import { documentFixture, keysFixture } from '../integration/redis/fixture.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('redis, a key for each flag', keysFixture);
describeFlagProvider('redis, a flag file in one key', documentFixture);
