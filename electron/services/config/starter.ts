import { dirname, join, resolve } from 'node:path';
import { ScramError } from '../../../shared/model/error.ts';
import { configJsonSchema } from './json-schema.ts';
import { operatorsText, STARTER_CONFIG, STARTER_PRODUCTION, STARTER_README, STARTER_STAGING } from './starter-texts.ts';

/** What the starter asks of the file system; `node:fs/promises` fits. */
export interface StarterFiles {
  mkdir(path: string, options: { recursive: true }): Promise<string | undefined>;
  lstat(path: string): Promise<unknown>;
  /** Fails with EEXIST where a file is already there. */
  writeFile(path: string, text: string, options: { flag: 'wx' }): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  rmdir(path: string): Promise<void>;
}

/** The team that is founded with a starter: its first operator, and the roster that they signed. */
export interface FoundedBy {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  /** Text of roster.json. */
  readonly roster: string;
}

/** The files that `scram init DIR` writes, by name. They pass `scram check` as they are. */
export function starterFiles(founder: FoundedBy | null = null): Readonly<Record<string, string>> {
  return {
    'scram.yaml': founder === null ? STARTER_CONFIG : `${STARTER_CONFIG}${operatorsText(founder)}`,
    ...(founder === null ? {} : { 'roster.json': founder.roster }),
    'scram.schema.json': configJsonSchema(),
    'production.flagd.json': STARTER_PRODUCTION,
    'staging.flagd.yaml': STARTER_STAGING,
    'README.md': STARTER_README,
  };
}

/**
 * Writes the starter into `directory`, which is made when it is not there: all files or none. Throws `refused` with the
 * file's name when one is already there, or when the folder cannot be written.
 */
export async function writeStarter(
  directory: string,
  files: StarterFiles,
  founder: FoundedBy | null = null,
): Promise<{ directory: string; files: string[] }> {
  const folder = resolve(directory);
  const wanted = Object.entries(starterFiles(founder)).map(([name, text]) => ({
    name,
    text,
    path: join(folder, name),
  }));
  for (const { path } of wanted) {
    if (await isThere(path, files)) throw refused(path);
  }
  const ours: string[] = [];
  let made: string | undefined;
  try {
    made = await files.mkdir(folder, { recursive: true });
    for (const { path, text } of wanted) {
      await writeNew(path, text, files, ours);
    }
  } catch (error) {
    for (const path of ours) await files.rm(path, { force: true });
    // Only an empty folder goes: what someone else has put there meanwhile stays.
    if (made !== undefined) await removeEmpty(folder, made, files);
    if (error instanceof ScramError) throw error;
    const why = error instanceof Error ? error.message : 'unknown reason';
    throw new ScramError('refused', `the starter configuration could not be written to ${folder}: ${why}`, {
      action: 'name a folder that you may write to',
      cause: error,
    });
  }
  return { directory: folder, files: wanted.map(({ name }) => name) };
}

async function writeNew(path: string, text: string, files: StarterFiles, ours: string[]): Promise<void> {
  try {
    await files.writeFile(path, text, { flag: 'wx' });
    ours.push(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw refused(path);
    // Written in part: the disk was full.
    ours.push(path);
    throw error;
  }
}

/** Removes `folder` and its parents up to and with `top`, as far as they are empty. */
async function removeEmpty(folder: string, top: string, files: StarterFiles): Promise<void> {
  try {
    for (let path = folder; path.startsWith(top); path = dirname(path)) await files.rmdir(path);
  } catch {
    // Not empty, or gone already.
  }
}

function refused(path: string): ScramError {
  return new ScramError('refused', `${path} is already there, and is not overwritten`, {
    action: 'name an empty folder, or move the file away',
  });
}

async function isThere(path: string, files: StarterFiles): Promise<boolean> {
  try {
    await files.lstat(path);
    return true;
  } catch (error) {
    // Anything else (no permission, a file in place of the folder) shows when writing, with nothing written.
    if (codeOf(error) === null) throw error;
    return false;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
