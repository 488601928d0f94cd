import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE, waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { JSON_FILE, YAML_FILE } from './flag-files.ts';
import { KEY, NEVER, openPipeline } from './pipeline.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('changes');
});
afterEach(() => folder.remove());

type Pipeline = Awaited<ReturnType<typeof openPipeline>>;

async function withPipeline<T>(file: string, use: (pipeline: Pipeline) => Promise<T>): Promise<T> {
  const pipeline = await openPipeline({ folder: folder.at('data'), files: { production: file } });
  try {
    return await use(pipeline);
  } finally {
    pipeline.close();
  }
}

const results = (pipeline: Pipeline) =>
  [...pipeline.ledger.all()].flatMap(({ body: { data } }) => (data.kind === 'change.result' ? [data] : []));

describe('a kill of a real flagd file', () => {
  it.each([
    ['flags.json', JSON_FILE],
    ['flags.yaml', YAML_FILE],
  ])('B7: %s is killed, served, and restored byte for byte; an undo of the undo kills again', async (name, text) => {
    const file = folder.at(name);
    writeFileSync(file, text);
    await withPipeline(file, async (pipeline) => {
      const { changes } = pipeline;
      const kill = await pipeline.proposeKill();
      expect(kill.payload).toMatchObject({
        providerEnvironment: file,
        before: { percentage: 20 },
        after: { killed: true },
      });
      await changes.execute(kill.hash, NEVER);
      const killedText = readFileSync(file, 'utf8');
      expect(killedText).not.toBe(text);
      await waitFor('served', () => changes.progress(kill.hash)?.stage === 'served');
      expect(await pipeline.provider.readFlag(KEY, 'production', NEVER)).toMatchObject({
        state: { killed: true, exposure: 'nobody' },
      });

      const undo = await pipeline.proposeUndo(kill.hash);
      await changes.execute(undo.hash, NEVER);
      expect(readFileSync(file, 'utf8')).toBe(text);

      const again = await pipeline.proposeUndo(undo.hash);
      await changes.execute(again.hash, NEVER);
      expect(readFileSync(file, 'utf8')).toBe(killedText);
      expect(pipeline.ledger.verify()).toMatchObject({ verified: 'verified' });
      await waitFor('a marker for each', () => pipeline.flags.markers({}).length === 3);
      expect(pipeline.flags.markers({}).every(({ ours }) => ours)).toBe(true);
      expect(pipeline.problems).toEqual([]);
    });
  });

  it('B1: an ops_disable_ flag is killed by switching it on', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, JSON_FILE);
    await withPipeline(file, async (pipeline) => {
      const kill = await pipeline.proposeKill('ops_disable_recs');
      expect(kill.payload).toMatchObject({
        polarity: 'disables',
        before: { serves: 'false' },
        after: { serves: 'true', killed: true },
      });
      await pipeline.changes.execute(kill.hash, NEVER);
      expect(JSON.parse(readFileSync(file, 'utf8')).flags.ops_disable_recs.defaultVariant).toBe('true');
    });
  });

  it('B7: undoes after a restart though other flags of the file were edited meanwhile, and keeps those edits', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, JSON_FILE);
    const kill = await withPipeline(file, async (pipeline) => {
      const change = await pipeline.proposeKill();
      await pipeline.changes.execute(change.hash, NEVER);
      return change.hash;
    });
    const edit = (text: string): string => text.replace('"b": 2', '"b": 22');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    await withPipeline(file, async (pipeline) => {
      await pipeline.changes.execute((await pipeline.proposeUndo(kill)).hash, NEVER);
    });
    expect(readFileSync(file, 'utf8')).toBe(edit(JSON_FILE));
  });

  it('B2: a flag changed by another writer between preview and execute is a conflict and stays as it was left', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, JSON_FILE);
    await withPipeline(file, async (pipeline) => {
      const kill = await pipeline.proposeKill();
      const theirs = JSON_FILE.replace('["on", 20], ["off", 80]', '["on", 50], ["off", 50]');
      writeFileSync(file, theirs);
      await expect(pipeline.changes.execute(kill.hash, NEVER)).rejects.toMatchObject({ code: 'conflict' });
      expect(readFileSync(file, 'utf8')).toBe(theirs);
      expect(results(pipeline)).toMatchObject([{ outcome: 'conflict' }]);
    });
  });
});

const CHILD = path.join(import.meta.dirname, 'crash-child.ts');

function startChild(file: string, mode: string) {
  return spawn(NODE, [CHILD, folder.at('data'), file, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('SIGKILL between intent and result (D6)', () => {
  it.each([
    ['before', 'not-applied', 'failed'],
    ['after', 'accepted', 'served'],
  ])('%s the write: reconciled on restart as %s, nothing repeated', async (mode, outcome, stage) => {
    const file = folder.at('flags.json');
    writeFileSync(file, JSON_FILE);
    const child = startChild(file, mode);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal, errors }).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
    const left = readFileSync(file, 'utf8');
    expect(left === JSON_FILE).toBe(mode === 'before');

    await withPipeline(file, async (pipeline) => {
      const { changes } = pipeline;
      const [found] = changes.recent({});
      expect(found?.stage).toBe('requested');
      await changes.reconcile(NEVER);
      expect(results(pipeline)).toMatchObject([{ outcome, reconciled: true }]);
      const hash = found?.change.hash ?? '';
      await waitFor(stage, () => changes.progress(hash)?.stage === stage);
      expect(readFileSync(file, 'utf8')).toBe(left);
      if (mode === 'after') {
        await changes.execute((await pipeline.proposeUndo(hash)).hash, NEVER);
        expect(readFileSync(file, 'utf8')).toBe(JSON_FILE);
      }
      expect(pipeline.ledger.verify()).toMatchObject({ verified: 'verified' });
    });
  });

  it('at any moment: after each restart the file is what the ledger says, and every intent has its result', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, JSON_FILE);
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    let state = seed;
    for (let round = 0; round < 6; round += 1) {
      const child = startChild(file, 'loop');
      let errors = '';
      child.stderr.on('data', (chunk) => {
        errors += chunk;
      });
      const exit = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), exit]);
      state = (state * 48_271) % (2 ** 31 - 1);
      setTimeout(() => child.kill('SIGKILL'), state % 120);
      const [, signal] = await exit;
      expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });

      await withPipeline(file, async (pipeline) => {
        await pipeline.changes.reconcile(NEVER);
        const all = pipeline.changes.recent({});
        expect(all.filter((change) => change.stage === 'requested')).toEqual([]);
        const last = all.find((change) => change.propagation.acceptedAtMs !== null);
        const killed = (await pipeline.provider.readFlag(KEY, 'production', NEVER)).state.killed;
        expect(killed).toBe(last?.change.payload.after.killed ?? false);
        if (!killed) expect(readFileSync(file, 'utf8')).toBe(JSON_FILE);
        expect(pipeline.ledger.verify()).toMatchObject({ verified: 'verified' });
      });
    }
  });
});
