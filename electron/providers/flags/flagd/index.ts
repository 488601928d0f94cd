import path from 'node:path';
import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import { writeFileAtomic } from '../../../platform/files.ts';
import { watchFile } from '../../../platform/watch-file.ts';
import type { FlagProviderFactory } from '../context.ts';
import { createFlagdProvider } from './provider.ts';

export { createFlagdProvider, type FlagdOptions } from './provider.ts';

/** flagd's flag files on this machine. */
export const flagdFlags: FlagProviderFactory<ConnectionConfigOf<'flagd'>> = (config, context) =>
  createFlagdProvider({
    id: config.id,
    files: Object.fromEntries(
      Object.entries(config.files).map(([environment, file]) => [environment, path.resolve(context.baseDir, file)]),
    ),
    hintsOf: context.hintsOf,
    clock: context.clock,
    watchFile,
    writeFile: writeFileAtomic,
  });
