import { fileFixture } from '../integration/flagd/fixture.ts';
import { JSON_EDITS, JSON_TEXT } from '../integration/flagd/samples.ts';
import { describeFlagProvider } from './flag-provider.ts';

describeFlagProvider('flagd, JSON', () => fileFixture('flags.json', JSON_TEXT, JSON_EDITS));
