import { readFileSync, writeFileSync } from 'node:fs';
import { writeFileAtomic } from '../../electron/platform/files.ts';
import type { Change } from '../../shared/model/change.ts';
import { KEY, NEVER, openPipeline } from '../integration/changes/pipeline.ts';
import { waitFor } from '../support/processes.ts';
import { tempFolder } from '../support/temp.ts';
import type { Bench, BenchLine } from './bench.ts';
import { quantile } from './quantile.ts';

/** A flagd file of `count` flags; the one that is killed stands in the middle. */
function flagFile(count: number): string {
  const flags: Record<string, unknown> = {};
  for (let index = 0; index < count; index += 1) {
    flags[index === Math.floor(count / 2) ? KEY : `flag_${index}`] = {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: {
        fractional: [
          ['on', 20],
          ['off', 80],
        ],
      },
    };
  }
  return `${JSON.stringify({ flags }, null, 2)}\n`;
}

/**
 * `execute` end to end (read again, intent on disk, write, result on disk) against the bare atomic write of the bytes
 * that it wrote. The two run in turn, and what is told is the difference within each pair.
 */
async function measure(label: string, flags: number, rounds: number): Promise<BenchLine[]> {
  using folder = tempFolder('bench-kill');
  const file = folder.at('flags.json');
  const bare = folder.at('bare.json');
  writeFileSync(file, flagFile(flags));
  writeFileSync(bare, flagFile(flags));
  const pipeline = await openPipeline({
    folder: folder.at('data'),
    files: { production: file },
    // Reading the whole file again after each change goes on beside the kill, and would fall on the bare write too.
    wrap: (provider) => ({ ...provider, watch: () => ({ dispose() {} }) }),
  });
  const added: number[] = [];
  const bareMs: number[] = [];
  const warmUp = Math.min(10, rounds);
  let killed: string | null = null;
  for (let round = -warmUp; round < rounds; round += 1) {
    const change: Change = killed === null ? await pipeline.proposeKill() : await pipeline.proposeUndo(killed);
    killed = killed === null ? change.hash : null;

    const began = performance.now();
    const progress = await pipeline.changes.execute(change.hash, NEVER);
    const executeMs = performance.now() - began;
    if (progress.propagation.acceptedAtMs === null) throw new Error(`not accepted: ${progress.problem}`);
    // The watch goes on by itself afterwards: it must not run into the bare write.
    await waitFor('served', () => pipeline.changes.progress(change.hash)?.stage === 'served', { everyMs: 1 });

    const bytes = readFileSync(file);
    const bareBegan = performance.now();
    await writeFileAtomic(bare, bytes);
    const writeMs = performance.now() - bareBegan;
    if (round < 0) continue;
    added.push(executeMs - writeMs);
    bareMs.push(writeMs);
  }
  pipeline.close();
  return [0.5, 0.95].map((share) => ({
    id: `${label}:p${share * 100}`,
    value: quantile(added, share),
    unit: 'ms',
    compare: `added to the bare atomic write of the same file, ${flags} flags`,
    against: quantile(bareMs, share),
    runs: rounds,
  }));
}

const overhead: Bench = {
  id: 'kill-overhead',
  async run({ quick }) {
    const rounds = quick ? 20 : 200;
    return [
      ...(await measure('kill-overhead', 100, rounds)),
      ...(await measure('kill-overhead-large', 10_000, rounds)),
    ];
  },
};

export const benches: Bench[] = [overhead];
