import path from 'node:path';
import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import { writeFileAtomic } from '../../../platform/files.ts';
import { watchFile } from '../../../platform/watch-file.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProvider } from '../../../services/flags/provider.ts';
import type { FlagProviderFactory } from '../context.ts';
import { createFileSource } from '../document/file-source.ts';
import { createDocumentProvider } from '../document/provider.ts';
import { goffFormat } from './format.ts';
import { createRelay, explainRelay, type Relay } from './relay.ts';

/** GO Feature Flag's flag files on this machine; its relay, where one is named, is told of each change. */
export const goffFlags: FlagProviderFactory<ConnectionConfigOf<'goff'>> = (config, context) => {
  const ports = { clock: context.clock, watchFile, writeFile: writeFileAtomic };
  const sources = Object.entries(config.files).map(([environment, file]) => [
    environment,
    createFileSource(path.resolve(context.baseDir, file), ports),
  ]);
  const files = createDocumentProvider({
    kind: 'goff',
    id: config.id,
    sources: Object.fromEntries(sources),
    format: goffFormat,
    hintsOf: context.hintsOf,
    clock: context.clock,
  });
  if (config.relay === undefined) return files;
  const { api } = openApi({ ...config, url: config.relay }, context, {
    name: 'GO Feature Flag relay',
    // Relays of every version take the key as a bearer token; X-API-Key only came later.
    auth: (secret) => ({ kind: 'bearer', token: secret }),
    explain: explainRelay,
  });
  return withRelay(files, createRelay({ api, clock: context.clock, log: context.log }));
};

function withRelay(files: FlagProvider, relay: Relay): FlagProvider {
  // Not waited for: the file is written, and a relay that hangs must not hold up the next kill.
  const refresh = () => void relay.refresh();
  return {
    ...files,
    async apply(request, signal) {
      await files.apply(request, signal);
      refresh();
    },
    async applyAll(requests, signal) {
      const outcomes = (await files.applyAll?.(requests, signal)) ?? [];
      if (outcomes.includes(null)) refresh();
      return outcomes;
    },
    async probe(signal) {
      const [report, found] = await Promise.all([files.probe(signal), relay.probe(signal)]);
      return {
        ...report,
        clockSkewMs: found.clockSkewMs,
        detail: [report.detail, ...found.problems].join('; '),
        fields: [...report.fields, ...found.fields],
      };
    },
    dispose() {
      relay.dispose();
      files.dispose();
    },
  };
}
