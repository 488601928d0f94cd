import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE, waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { NEVER, openPipeline } from '../changes/pipeline.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('batches');
});
afterEach(() => folder.remove());

const KEYS = Array.from({ length: 12 }, (_, index) => `flag_${index}`);

/** Every flag on its own line, with a share of its own, so that an exact restore shows. */
function flagFile(keys: readonly string[]): string {
  const lines = keys.map((key, index) => {
    const definition = {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: {
        fractional: [
          ['on', index + 1],
          ['off', 99 - index],
        ],
      },
    };
    return `    ${JSON.stringify(key)}:  ${JSON.stringify(definition)}`;
  });
  return `{\n  "flags": {\n${lines.join(',\n')}\n  }\n}\n`;
}

type Pipeline = Awaited<ReturnType<typeof openPipeline>>;

async function withPipeline<T>(
  file: string,
  keys: readonly string[],
  use: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const config = { killSets: [{ id: 'all', flags: keys }] };
  const pipeline = await openPipeline({ folder: folder.at('data'), files: { production: file }, config });
  try {
    return await use(pipeline);
  } finally {
    pipeline.close();
  }
}

const killed = (file: string): string[] =>
  Object.entries((JSON.parse(readFileSync(file, 'utf8')) as { flags: Record<string, object> }).flags)
    .filter(([, definition]) => !('targeting' in definition))
    .map(([key]) => key);

describe('a bulk kill of a real flagd file, with a real ledger', () => {
  it('B13, B7: kills a set in its order, sees each served, and each is undone exactly', async () => {
    const file = folder.at('flags.json');
    const text = flagFile(KEYS);
    writeFileSync(file, text);
    const order = KEYS.toReversed();
    await withPipeline(file, order, async ({ batches, changes, ledger, flags, problems, proposeUndo }) => {
      expect(batches.killSets()).toEqual([
        { id: 'all', flags: order.map((key) => ({ connection: 'local', key })), problems: [] },
      ]);
      const preview = await batches.preview('production', { by: 'kill-set', killSet: 'all' }, NEVER);
      const { hash } = batches.propose(preview.hash, 'INC-1');
      const done = await batches.execute(hash, NEVER);
      expect(done.items.map(({ flag, problem }) => [flag, problem])).toEqual(order.map((key) => [key, null]));
      expect(killed(file)).toEqual(KEYS);
      await waitFor('all served', () => batches.progress(hash)?.items.every(({ servedAtMs }) => servedAtMs !== null));
      for (const { change } of done.items) await changes.execute((await proposeUndo(change)).hash, NEVER);
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(ledger.verify()).toMatchObject({ verified: 'verified' });
      await waitFor('a marker for each', () => flags.markers({}).length === 2 * KEYS.length);
      expect(flags.markers({}).every(({ ours }) => ours)).toBe(true);
      expect(problems).toEqual([]);
    });
  });

  it('B2: a flag that someone edits meanwhile is a conflict and keeps their work; the others are killed', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, flagFile(KEYS));
    await withPipeline(file, KEYS, async ({ batches }) => {
      const preview = await batches.preview('production', { by: 'kill-set', killSet: 'all' }, NEVER);
      const { hash } = batches.propose(preview.hash, 'INC-1');
      writeFileSync(file, readFileSync(file, 'utf8').replace('["on",4],["off",96]', '["on",44],["off",56]'));
      const { items } = await batches.execute(hash, NEVER);
      expect(items.filter(({ stage }) => stage === 'conflict').map(({ flag }) => flag)).toEqual(['flag_3']);
      expect(readFileSync(file, 'utf8')).toContain('["on",44],["off",56]');
      expect(killed(file)).toEqual(KEYS.filter((key) => key !== 'flag_3'));
    });
  });

  it.each([
    ['before', 0],
    ['after', 0],
    ['before', 5],
    ['after', 5],
    ['after', 11],
    ['before', 'all'],
    ['after', 'all'],
  ] as const)(
    'D6: SIGKILL %s the write of flag %s: what is there is what is told, and nothing is begun',
    async (mode, at) => {
      const file = folder.at('flags.json');
      writeFileSync(file, flagFile(KEYS));
      const script = path.join(import.meta.dirname, 'crash-child.ts');
      const args = [script, folder.at('data'), file, String(at), mode, JSON.stringify(KEYS)];
      const child = spawn(NODE, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (chunk) => {
        errors += chunk;
      });
      const [code, signal] = await once(child, 'exit');
      expect({ code, signal, errors }).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
      const left = readFileSync(file, 'utf8');
      const index = at === 'all' ? 0 : at;
      const after = at === 'all' ? KEYS.length : index + 1;
      const done = KEYS.slice(0, mode === 'after' ? after : index);
      expect(killed(file)).toEqual(done);

      await withPipeline(file, KEYS, async ({ batches, changes, ledger }) => {
        await changes.reconcile(NEVER);
        const proposed = [...ledger.all()].flatMap(({ body: { data } }) =>
          data.kind === 'batch.proposed' ? [data.batch.hash] : [],
        );
        const hash = proposed[0] ?? '';
        const progress = batches.progress(hash);
        expect(progress?.items.filter(({ acceptedAtMs }) => acceptedAtMs !== null).map(({ flag }) => flag)).toEqual(
          done,
        );
        expect(progress?.items.some(({ stage }) => stage === 'requested')).toBe(false);
        const begun = progress?.items.every(({ stage }) => stage !== 'proposed');
        expect(begun).toBe(at === 'all' || at === KEYS.length - 1);
        expect(progress?.state).toBe(begun ? 'done' : 'interrupted');
        await batches.execute(hash, NEVER);
        expect(readFileSync(file, 'utf8')).toBe(left);
        expect(ledger.verify()).toMatchObject({ verified: 'verified' });
      });
    },
  );
});
