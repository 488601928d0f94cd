import {
  configMapFixture,
  featureFlagFixture,
  openConfigMapFixture,
  openFeatureFlagFixture,
} from '../integration/kubernetes/fixture.ts';
import { describeHttpFaults } from './faults.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('Kubernetes ConfigMap', () => configMapFixture());
describeFlagProvider('Kubernetes FeatureFlag', () => featureFlagFixture());
describeHttpFaults('Kubernetes ConfigMap', openConfigMapFixture);
describeHttpFaults('Kubernetes FeatureFlag', openFeatureFlagFixture);
