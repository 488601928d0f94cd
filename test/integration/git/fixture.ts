import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gitFlags } from '../../../electron/providers/flags/git/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { gitConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { makeRemote } from '../../support/git.ts';
import { type Edits, edited } from '../document/file-fixture.ts';
import { evaluate } from '../flagd/fixture.ts';
import { evaluatorOf } from '../goff/evaluator.ts';

export const never = new AbortController().signal;

/** The provider that a configuration makes, with a folder of its own for working copies. */
export async function providerOf(
  repository: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): Promise<{ provider: FlagProvider; workDir: string; remove: () => Promise<void> }> {
  const workDir = parts.workDir ?? (await mkdtemp(path.join(os.tmpdir(), 'scram-git-work-')));
  const files = { production: 'flags/production.json' };
  const config = gitConnectionSchema.parse({ id: 'flags', kind: 'git', repository, files, ...settings });
  const provider = gitFlags(config, contextOf({ ...parts, workDir }));
  return { provider, workDir, remove: () => rm(workDir, { recursive: true, force: true }) };
}

/** A flag file in a bare repository, beside files that are no business of ours. */
export async function repositoryFixture(
  file: string,
  text: string,
  edits: Edits,
  format: 'flagd' | 'goff' = 'flagd',
): Promise<FlagFixture> {
  const latin = Buffer.from(text).toString('latin1');
  const remote = await makeRemote({ [file]: latin, 'README.md': 'hello\n', 'flags/other.txt': 'x', 'src/a/b.ts': 'b' });
  const { provider, remove } = await providerOf(remote.path, { files: { production: file }, format });
  const current = async () => (await remote.file(file)).toString('utf8');
  const edit = async (key: string, how: Parameters<typeof edited>[1]) => {
    const after = edited(await current(), how);
    await remote.push({ [file]: Buffer.from(after).toString('latin1') }, `Change ${key}`);
  };
  return {
    provider,
    snapshot: async () =>
      `${await remote.git('ls-tree', '-r', remote.branch)}${(await remote.file(file)).toString('latin1')}`,
    changeElsewhere: (key) => edit(key, edits.change[key]),
    removeElsewhere: (key) => edit(key, edits.remove[key]),
    evaluate: async (key, users) => {
      const content = await current();
      if (format === 'flagd') return evaluate(content, key, users);
      return users.map((targetingKey) => evaluatorOf(content, key)({ targetingKey }));
    },
    commentOf: () => remote.git('log', '-1', '--format=%B', remote.branch),
    dispose: async () => {
      await remote.remove();
      await remove();
    },
  };
}
