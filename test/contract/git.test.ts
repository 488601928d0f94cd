import * as goff from '../integration/goff/samples.ts';
import { JSON_EDITS, JSON_TEXT, YAML_EDITS, YAML_TEXT } from '../integration/flagd/samples.ts';
import { repositoryFixture } from '../integration/git/fixture.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('git, JSON', () => repositoryFixture('flags/production.json', JSON_TEXT, JSON_EDITS));
describeFlagProvider('git, YAML', () => repositoryFixture('deploy/flags/production.yaml', YAML_TEXT, YAML_EDITS));
describeFlagProvider('git, GO Feature Flag', () =>
  repositoryFixture('flags.goff.yaml', goff.YAML_TEXT, goff.YAML_EDITS, 'goff'),
);
