import path from 'node:path';
import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { FlagProvider } from '../../../services/flags/provider.ts';
import type { FlagProviderFactory, ProviderContext } from '../context.ts';
import { formatOf } from '../document/formats.ts';
import { createDocumentProvider } from '../document/provider.ts';
import { createAudit } from './audit.ts';
import { changedKeys } from './changed-keys.ts';
import { createRepository } from './repository.ts';
import { createGitSource } from './source.ts';

/** A folder is relative to scram.yaml; addresses (`https://…`, `ssh://…`, `user@host:path`) are git's own business. */
export function repositoryUrl(repository: string, baseDir: string): string {
  const isAddress = /^[a-z][a-z0-9+.-]+:\/\//i.test(repository) || /^[^/\\]{2,}:/.test(repository);
  return isAddress ? repository : path.resolve(baseDir, repository);
}

/** Flag files on a branch of a Git repository. */
export const gitFlags: FlagProviderFactory<ConnectionConfigOf<'git'>> = (
  config,
  context: ProviderContext,
): FlagProvider => {
  const { id, files, branch, author, timeout: timeoutMs } = config;
  // Read for its errors alone: git itself is given the file.
  if (config.ca !== undefined) context.readText(config.ca);
  const repository = createRepository({
    url: repositoryUrl(config.repository, context.baseDir),
    credential: config.credential === undefined ? undefined : context.secret(config.credential),
    caFile: config.ca === undefined ? undefined : path.resolve(context.baseDir, config.ca),
    env: context.env,
    branch,
    workDir: context.workDir,
    author,
    timeoutMs,
  });
  const format = formatOf(config.format);
  return createDocumentProvider({
    kind: 'git',
    id,
    sources: Object.fromEntries(
      Object.entries(files).map(([environment, file]) => [
        environment,
        createGitSource({ repository, file, environment }),
      ]),
    ),
    format,
    hintsOf: context.hintsOf,
    clock: context.clock,
    keepsComment: true,
    audit: createAudit({
      repository,
      files,
      changedKeys: (file, before, after) => changedKeys(format, file, before, after),
    }),
  });
};
