import type { FlagHintsOf, FlagProvider } from '../../../services/flags/provider.ts';
import { createFileSource, type FilePorts } from '../document/file-source.ts';
import { createDocumentProvider } from '../document/provider.ts';
import { flagdFormat } from './format.ts';

export interface FlagdOptions extends FilePorts {
  readonly id: string;
  /** Absolute path of each environment's flag file; `.yaml` and `.yml` are YAML, everything else JSON. */
  readonly files: Readonly<Record<string, string>>;
  readonly hintsOf: FlagHintsOf;
}

/** The flag provider for flagd's file source: the files are read, watched and edited in place. */
export function createFlagdProvider({ id, files, hintsOf, ...ports }: FlagdOptions): FlagProvider {
  return createDocumentProvider({
    kind: 'flagd',
    id,
    sources: Object.fromEntries(
      Object.entries(files).map(([environment, path]) => [environment, createFileSource(path, ports)]),
    ),
    format: flagdFormat,
    hintsOf,
    clock: ports.clock,
  });
}
