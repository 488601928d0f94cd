import { goffFixture } from '../integration/goff/fixture.ts';
import { JSON_EDITS, JSON_TEXT, YAML_EDITS, YAML_TEXT } from '../integration/goff/samples.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('GO Feature Flag, YAML', () => goffFixture('flags.goff.yaml', YAML_TEXT, YAML_EDITS));
describeFlagProvider('GO Feature Flag, JSON', () => goffFixture('flags.goff.json', JSON_TEXT, JSON_EDITS));
