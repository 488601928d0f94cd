import { expect, it } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createDocumentProvider } from '../../../electron/providers/flags/document/provider.ts';
import type { DocumentSource, FlagDocument } from '../../../electron/providers/flags/document/source.ts';
import { flagdFormat } from '../../../electron/providers/flags/flagd/format.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { JSON_TEXT } from '../flagd/samples.ts';

const never = new AbortController().signal;
const clock = systemClock({ info() {}, warn() {}, error() {} });

/** A source in memory that compares versions, and counts; `race` runs before a replace is looked at. */
function memorySource(text: string) {
  const state = {
    text,
    version: 1,
    reads: 0,
    replaces: 0,
    under: 0,
    most: 0,
    race: () => {},
    fail: null as Error | null,
  };
  const source: DocumentSource = {
    name: 'memory',
    fileName: 'flags.json',
    async read(): Promise<FlagDocument> {
      state.reads += 1;
      return { bytes: Buffer.from(state.text), version: String(state.version), mark: null, changedAtMs: null };
    },
    async replace(bytes, { expect }) {
      state.replaces += 1;
      state.under += 1;
      state.most = Math.max(state.most, state.under);
      state.race();
      await new Promise((resolve) => setImmediate(resolve));
      state.under -= 1;
      if (state.fail) throw state.fail;
      if (expect.version !== String(state.version)) throw new ScramError('conflict', 'the version moved');
      state.text = bytes.toString('utf8');
      state.version += 1;
    },
    writeAccess: async () => ({ canWrite: null, detail: 'cannot be told' }),
    dispose() {},
  };
  const provider = createDocumentProvider({
    kind: 'memory',
    id: 'm',
    sources: { production: source },
    format: flagdFormat,
    hintsOf: (key) => ({ polarity: key.startsWith('ops_disable') ? 'disables' : 'enables', safeDefault: null }),
    clock,
  });
  const kill = async (key: string) => {
    const flag = await provider.readFlag(key, 'production', never);
    const { write } = provider.planKill(flag);
    return () =>
      provider.apply(
        { key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
        never,
      );
  };
  return { state, provider, kill };
}

it('B4: kills of several flags of one document at a time are written one after the other, and all of them hold', async () => {
  const { state, provider, kill } = memorySource(JSON_TEXT);
  const keys = ['enable_rollout', 'enable_plain', 'ops_disable_dep'];
  const kills = await Promise.all(keys.map(kill));
  await Promise.all(kills.map((run) => run()));
  for (const key of keys) expect((await provider.readFlag(key, 'production', never)).state.killed).toBe(true);
  expect(state).toMatchObject({ replaces: 3, most: 1 });
});

it('B4: kills of several flags are one write; what is refused or moved is left out, and the rest holds', async () => {
  const { state, provider } = memorySource(JSON_TEXT);
  const keys = ['enable_rollout', 'enable_plain', 'ops_disable_dep', 'layout'];
  const requests = [];
  for (const key of keys) {
    const flag = await provider.readFlag(key, 'production', never);
    const write = key === 'layout' ? { text: '{"state": "OFF"}', serves: null } : provider.planKill(flag).write;
    requests.push({ key, environment: 'production', expectRevision: flag.state.revision, write, comment: key });
  }
  state.text = state.text.replace('"enable_plain": {"state":"ENABLED"', '"enable_plain": {"state":"DISABLED"');
  state.version += 1;
  const outcomes = await provider.applyAll?.(requests, never);
  expect(outcomes?.map((outcome) => (outcome instanceof ScramError ? outcome.code : outcome))).toEqual([
    null,
    'conflict',
    null,
    'refused',
  ]);
  expect(state.replaces).toBe(1);
  const killed = await Promise.all(
    keys.map(async (key) => (await provider.readFlag(key, 'production', never)).state.killed),
  );
  expect(killed).toEqual([true, false, true, false]);
  expect(state.text).toContain('"x-note":   "kept as it is: 1.10,');
});

it('B2: overtaken by a change to another flag it goes on; overtaken each time it gives up as a conflict', async () => {
  const { state, kill } = memorySource(JSON_TEXT);
  state.race = () => {
    if (state.replaces > 1) return;
    state.text = state.text.replace('"wide" }', '"narrow" }');
    state.version += 1;
  };
  await (await kill('enable_rollout'))();
  expect(state.replaces).toBe(2);
  expect(state.text).toContain('"narrow" }');

  let note = 0;
  state.race = () => {
    note += 1;
    state.text = state.text.replace(/("flagSetId": ")[^"]*/, `$1shop-${note}`);
    state.version += 1;
  };
  state.replaces = 0;
  await expect((await kill('enable_plain'))()).rejects.toMatchObject({ code: 'conflict' });
  expect(state.replaces).toBe(4);
});

it('B2: refused as overtaken though nothing moved: written once, not again and again', async () => {
  const { state, kill } = memorySource(JSON_TEXT);
  state.fail = new ScramError('conflict', 'no');
  await expect((await kill('enable_rollout'))()).rejects.toMatchObject({ code: 'conflict', message: 'no' });
  expect(state.replaces).toBe(1);
});

it('a write that failed does not hold up the next one', async () => {
  const { state, provider, kill } = memorySource(JSON_TEXT);
  const [first, second] = [await kill('enable_rollout'), await kill('enable_plain')];
  state.fail = new ScramError('unreachable', 'gone');
  const failing = first();
  await expect(failing).rejects.toMatchObject({ code: 'unreachable' });
  state.fail = null;
  await second();
  expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(true);
  expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(false);
});

it('a source without a watch, a mark or certainty about writing is polled, and told as it is', async () => {
  const { provider } = memorySource(JSON_TEXT);
  expect(provider.capabilities).toMatchObject({ watch: false, comment: false, audit: false });
  expect((await provider.readEnvironment('production', never)).mark).toBeNull();
  expect(await provider.readChanges?.('production', 'x', never)).toBeNull();
  expect(await provider.probe(never)).toMatchObject({
    ok: true,
    canWrite: null,
    detail: 'memory: 4 flags; cannot be told',
  });
});
