import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { ContextParts } from '../../support/flag-context.ts';
import { makeRemote, type Remote } from '../../support/git.ts';
import { JSON_TEXT } from '../flagd/samples.ts';
import { never, providerOf } from './fixture.ts';

export const FILE = 'flags/production.json';
export const TEXT = Buffer.from(JSON_TEXT).toString('latin1');

export const ends: (() => unknown)[] = [];
export async function tearDown(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

export async function remoteWith(files: Readonly<Record<string, string>> = {}): Promise<Remote> {
  const remote = await makeRemote({ [FILE]: TEXT, 'README.md': 'hello\n', ...files });
  ends.push(() => remote.remove());
  return remote;
}

export interface Connected {
  readonly provider: FlagProvider;
  readonly workDir: string;
}

export async function connect(
  url: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): Promise<Connected> {
  const { provider, workDir, remove } = await providerOf(url, settings, parts);
  ends.push(remove, () => provider.dispose());
  return { provider, workDir };
}

export async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

export const read = (provider: FlagProvider) => provider.readEnvironment('production', never);

/** Kills as previewed; `meanwhile` runs between the preview and the write. */
export async function kill(
  provider: FlagProvider,
  key = 'enable_rollout',
  meanwhile?: () => Promise<unknown>,
): Promise<void> {
  const flag = await provider.readFlag(key, 'production', never);
  const { write } = provider.planKill(flag);
  await meanwhile?.();
  await provider.apply(
    {
      key,
      environment: 'production',
      expectRevision: flag.state.revision,
      write,
      comment: 'p99 tripled (scram change 0123456789ab)',
    },
    never,
  );
}

export interface Spy {
  /** PATH that has this git first. */
  readonly path: string;
  /** Each call: its arguments on a line. */
  calls(): Promise<string[]>;
}

/** A git that writes down how it was called, and then is the real one. */
export async function spyOnGit(folder: string): Promise<Spy> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const log = path.join(folder, 'calls.log');
  await writeFile(log, '');
  await writeFile(path.join(bin, 'git'), `#!/bin/sh\necho "$@" >> '${log}'\nexec '${real}' "$@"\n`);
  await chmod(path.join(bin, 'git'), 0o755);
  return {
    path: `${bin}:${process.env.PATH ?? ''}`,
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

/** Every file under a folder with what is in it. */
export async function everythingIn(folder: string): Promise<string> {
  let text = '';
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    text += `${entry.name}\n`;
    if (entry.isFile()) text += await readFile(path.join(entry.parentPath, entry.name), 'latin1');
  }
  return text;
}
