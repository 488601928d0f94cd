import { ScramError } from '../../../../shared/model/error.ts';
import type { DocumentSource, FlagDocument, ReplaceOptions, WriteAccess } from '../document/source.ts';
import { commitMessage } from './message.ts';
import type { GitRepository } from './repository.ts';

export interface GitSourceOptions {
  readonly repository: GitRepository;
  /** Path of the flag file within the repository. */
  readonly file: string;
  readonly environment: string;
}

/** Others may push again and again in between; each time the edit is put on top of theirs. */
const ATTEMPTS = 6;

/** A flag file on a branch of a Git repository. Its version is the name that git gives its bytes. */
export function createGitSource({ repository, file, environment }: GitSourceOptions): DocumentSource {
  const { url, branch } = repository;
  const name = `${url}:${branch}:${file}`;
  /** Where the branch was, and what the file was there, when it was last looked at. */
  let known: { readonly commit: string; readonly document: FlagDocument } | null = null;

  async function read(signal: AbortSignal): Promise<FlagDocument> {
    const commit = await repository.fetch(signal);
    if (known?.commit === commit) return known.document;
    const blob = (await repository.entry(commit, file, signal))?.blob;
    if (blob === undefined) throw gone();
    if (known?.document.version === blob) {
      known = { commit, document: { ...known.document, mark: commit } };
      return known.document;
    }
    const bytes = await repository.blob(blob, signal);
    const [last] = await repository.log(commit, file, 1, signal);
    // The mark is the commit: the branch may move without the file, and is then read once for nothing.
    const document = { bytes, version: blob, mark: commit, changedAtMs: last?.atMs ?? null };
    known = { commit, document };
    return document;
  }

  async function replace(bytes: Buffer, { expect, key, comment, signal }: ReplaceOptions): Promise<void> {
    if (bytes.equals(expect.bytes)) return;
    const message = commitMessage({ environment, key, comment });
    // A branch that moved since is told by the push itself: no need to ask before.
    let parent = known?.document.version === expect.version ? known.commit : null;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      parent ??= await repository.fetch(signal);
      const present = await repository.entry(parent, file, signal);
      if (present?.blob !== expect.version) throw moved();
      const commit = await repository.commit(parent, file, bytes, message, signal);
      if ((await repository.push(commit, signal)) === 'done') return;
      parent = null;
    }
    throw new ScramError(
      'conflict',
      `${name}: others push so often that the change came too late; nothing was written`,
      {
        action: 'Try again.',
      },
    );
  }

  function gone(): ScramError {
    return new ScramError('unreachable', `${url} has no file ${file} on branch ${branch}`, {
      action: 'Put the file back, or correct its path in scram.yaml.',
    });
  }

  function moved(): ScramError {
    return new ScramError('conflict', `${name} has changed since it was read; nothing was written`, {
      action: 'Look at its present state and decide again.',
    });
  }

  return {
    name,
    fileName: file,
    read,
    async mark(signal) {
      const mark = await repository.tip(signal);
      return { mark, changedAtMs: known?.commit === mark ? known.document.changedAtMs : null };
    },
    replace,
    async writeAccess(signal): Promise<WriteAccess> {
      try {
        await repository.tryPush(signal);
        return { canWrite: null, detail: `whether ${branch} is protected shows only when it is pushed to` };
      } catch (error) {
        if (!(error instanceof ScramError) || error.code !== 'credential') throw error;
        return { canWrite: false, detail: `${error.message}. ${error.action ?? ''}`.trim() };
      }
    },
    dispose() {
      known = null;
    },
  };
}
