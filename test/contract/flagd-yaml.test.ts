import { fileFixture } from '../integration/flagd/fixture.ts';
import { YAML_EDITS, YAML_TEXT } from '../integration/flagd/samples.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('flagd, YAML', () => fileFixture('flags.yaml', YAML_TEXT, YAML_EDITS));
