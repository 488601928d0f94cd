import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlagdCore } from '@openfeature/flagd-core';
import { parse } from 'yaml';
import { systemClock } from '../../../electron/platform/clock.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import { createFlagdProvider, type FlagdOptions } from '../../../electron/providers/flags/flagd/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { polarityByName } from '../../../shared/rules/naming.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';

export const clock = systemClock({ info() {}, warn() {}, error() {} });
export const silentLogger = { error() {}, warn() {}, info() {}, debug() {} };
export const never = new AbortController().signal;

export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'scram-flagd-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A provider over one file, with the machine's own ports unless others are given. */
export function providerOf(file: string, ports: Partial<FlagdOptions> = {}): FlagProvider {
  return createFlagdProvider({
    id: 'local',
    files: { production: file },
    hintsOf: (key) => ({ polarity: polarityByName(key), safeDefault: null }),
    clock,
    watchFile,
    writeFile: writeFileAtomic,
    ...ports,
  });
}

/** Variant that flagd serves to each user from the text of a file; null where the code's default is used. */
export function evaluate(text: string, key: string, users: readonly string[]): (string | null)[] {
  const core = new FlagdCore(undefined, silentLogger);
  const plain = text.replace(/^\uFEFF/, '');
  // JSON as JSON readers have it: of two members with one name the last counts, where YAML refuses them.
  core.setConfigurations(/^\s*\{/.test(plain) ? JSON.stringify(JSON.parse(plain)) : JSON.stringify(parse(plain)));
  return users.map((user) => core.getFlag(key)?.evaluate({ targetingKey: user }, silentLogger).variant ?? null);
}

export interface Edits {
  /** Exchanges within the text that change what the flag serves, or take the flag out: [from, to]. */
  readonly change: Readonly<Record<string, readonly [string | RegExp, string]>>;
  readonly remove: Readonly<Record<string, readonly [string | RegExp, string]>>;
}

export async function fileFixture(name: string, text: string, edits: Edits): Promise<FlagFixture> {
  const { folder, remove } = await temporaryFolder();
  const file = join(folder, name);
  await writeFile(file, text);
  const edit = async (edit: readonly [string | RegExp, string] | undefined) => {
    const before = await readFile(file, 'utf8');
    const after = edit ? before.replace(edit[0], edit[1]) : before;
    if (after === before) throw new Error('the fixture has no such edit');
    await writeFile(file, after);
  };
  return {
    provider: providerOf(file),
    snapshot: () => readFile(file, 'latin1'),
    changeElsewhere: (key) => edit(edits.change[key]),
    removeElsewhere: (key) => edit(edits.remove[key]),
    evaluate: async (key, users) => evaluate(await readFile(file, 'utf8'), key, users),
    dispose: remove,
  };
}
