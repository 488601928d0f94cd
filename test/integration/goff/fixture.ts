import { goffFlags } from '../../../electron/providers/flags/goff/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { goffConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { type Edits, fileFixture } from '../document/file-fixture.ts';
import { evaluatorOf } from './evaluator.ts';

export const never = new AbortController().signal;

/** The provider that a configuration makes. */
export function providerOf(
  file: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): FlagProvider {
  const config = goffConnectionSchema.parse({ id: 'flags', kind: 'goff', files: { production: file }, ...settings });
  return goffFlags(config, contextOf(parts));
}

export function goffFixture(name: string, text: string, edits: Edits): Promise<FlagFixture & { file: string }> {
  return fileFixture({
    name,
    text,
    edits,
    provider: (file) => providerOf(file),
    evaluate: (content, key) => {
      const evaluate = evaluatorOf(content, key);
      return (user) => evaluate({ targetingKey: user });
    },
  });
}
