import { KEY, NEVER, openPipeline } from './pipeline.ts';

/**
 * Kills a flag and dies by SIGKILL: `before` the write, or `after` it and before its result is journalled. `loop`
 * kills and undoes until someone else's SIGKILL.
 */
const [folder = '', file = '', mode = ''] = process.argv.slice(2);
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

const pipeline = await openPipeline({
  folder,
  files: { production: file },
  wrap: (provider) => ({
    ...provider,
    async apply(request, signal) {
      if (mode === 'before') await die();
      await provider.apply(request, signal);
      if (mode === 'after') await die();
    },
  }),
});
await pipeline.changes.reconcile(NEVER);
if (mode !== 'loop') {
  await pipeline.changes.execute((await pipeline.proposeKill()).hash, NEVER);
} else {
  const last = pipeline.changes
    .recent({ flag: { connection: 'local', key: KEY } })
    .find((change) => change.propagation.acceptedAtMs !== null);
  let killed = last?.change.payload.after.killed === true ? last.change.hash : null;
  process.stdout.write('ready\n');
  for (;;) {
    const change = killed === null ? await pipeline.proposeKill() : await pipeline.proposeUndo(killed);
    await pipeline.changes.execute(change.hash, NEVER);
    killed = killed === null ? change.hash : null;
  }
}
