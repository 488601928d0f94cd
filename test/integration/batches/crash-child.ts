import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { NEVER, openPipeline } from '../changes/pipeline.ts';

/**
 * Kills every flag of the kill set and dies by SIGKILL at the write of the `at`-th (from 0): `before` it, or `after` it
 * and before its result is journalled. `at` is `all`: at the one write of them all.
 */
const [folder = '', file = '', at = '', mode = ''] = process.argv.slice(2);
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

function dying(applyAll: NonNullable<FlagProvider['applyAll']>): NonNullable<FlagProvider['applyAll']> {
  return async (requests, signal) => {
    if (mode === 'before') await die();
    await applyAll(requests, signal);
    return die();
  };
}

let writes = 0;
const pipeline = await openPipeline({
  folder,
  files: { production: file },
  config: { killSets: [{ id: 'all', flags: JSON.parse(process.argv[6] ?? '[]') as string[] }] },
  wrap: ({ applyAll, ...provider }) => ({
    ...provider,
    ...(at === 'all' && applyAll ? { applyAll: dying(applyAll) } : {}),
    async apply(request, signal) {
      const last = writes === Number(at);
      writes += 1;
      if (last && mode === 'before') await die();
      await provider.apply(request, signal);
      if (last) await die();
    },
  }),
});
const preview = await pipeline.batches.preview('production', { by: 'kill-set', killSet: 'all' }, NEVER);
await pipeline.batches.execute(pipeline.batches.propose(preview.hash, 'INC-1').hash, NEVER);
// Still here: the write that it was to die at never came.
process.exit(3);
