import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ScramError } from '../../../../shared/model/error.ts';
import { readCredential, redactor } from '../../shared/credential.ts';
import { gitFailure, isCopyBroken, type PushOutcome, pushOutcome } from './failure.ts';
import { createGitRun, type GitOptions, type GitSettings } from './run.ts';
import { replacedTree } from './tree.ts';

export interface RepositoryOptions extends GitSettings {
  readonly branch: string;
  /** Folder for the working copy; made when it is first needed. */
  readonly workDir: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Over each exchange with the server, milliseconds. */
  readonly timeoutMs: number;
}

export interface FileEntry {
  readonly mode: string;
  readonly blob: string;
}

export interface LogEntry {
  readonly commit: string;
  readonly parent: string | null;
  readonly atMs: number;
  readonly author: string;
  readonly subject: string;
}

/** One branch of a repository, through a working copy without files: only its commits and folders are fetched whole. */
export interface GitRepository {
  readonly url: string;
  readonly branch: string;
  /** Commit that the branch is at, asked of the server; nothing is fetched. */
  tip(signal: AbortSignal): Promise<string>;
  /** Fetches what is new; the commit that the branch is at. */
  fetch(signal: AbortSignal): Promise<string>;
  /** Null when the file is not there. Throws `provider` when it is a link or a folder. */
  entry(commit: string, file: string, signal: AbortSignal): Promise<FileEntry | null>;
  blob(blob: string, signal: AbortSignal): Promise<Buffer>;
  /** Commits that changed the file, newest first, as far back as the working copy knows. */
  log(commit: string, file: string, count: number, signal: AbortSignal): Promise<readonly LogEntry[]>;
  /** A commit on top of `parent` in which the file holds `bytes`. Nothing leaves this machine. */
  commit(parent: string, file: string, bytes: Buffer, message: string, signal: AbortSignal): Promise<string>;
  /** Puts the branch at `commit` if that is a step forward from where it is; nobody's work is overwritten. */
  push(commit: string, signal: AbortSignal): Promise<PushOutcome>;
  /** Throws what keeps this credential from pushing, as far as the server tells before a push. Nothing is pushed. */
  tryPush(signal: AbortSignal): Promise<void>;
}

/** Commits that are kept for telling who changed what. */
const HISTORY = 100;
/** A working copy of so many packs is made anew rather than tidied up. */
const MOST_PACKS = 200;
/** The first fetch brings the folders of the whole repository. */
const FIRST_FETCH_FACTOR = 12;
const LOCAL_MS = 20_000;
/** From this version on git takes its settings from variables (`GIT_CONFIG_COUNT`). */
const OLDEST_GIT = [2, 31] as const;

export function createRepository(options: RepositoryOptions): GitRepository {
  const { url, branch, workDir, timeoutMs } = options;
  const name = createHash('sha256').update(`${url}\n${branch}`).digest('hex').slice(0, 16);
  const gitDir = path.join(workDir, `${name}.git`);
  const git = createGitRun(options, gitDir);
  const redact = redactor(readCredential(options.credential));
  const remoteRef = `refs/heads/${branch}`;
  const localRef = `refs/remotes/origin/${branch}`;
  let ready: Promise<void> | null = null;
  let fetchedOnce = false;
  let queue: Promise<unknown> = Promise.resolve();

  /** One at a time: git locks its files, and fails where it could wait. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const own = queue.then(run);
    queue = own.catch(() => undefined);
    return own;
  }

  async function prepare(): Promise<void> {
    const found = text(await local(['version'], 'asking its version', { env: { GIT_DIR: '' } }));
    const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(found) ?? []).map(Number);
    if (major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1])) {
      throw new ScramError('provider', `${found} is too old`, {
        action: `Install git ${OLDEST_GIT.join('.')} or newer.`,
      });
    }
    const packs = await readdir(path.join(gitDir, 'objects', 'pack')).catch(() => null);
    if (packs !== null && packs.length < 2 * MOST_PACKS) return;
    await makeCopy();
  }

  async function makeCopy(): Promise<void> {
    fetchedOnce = false;
    await mkdir(workDir, { recursive: true, mode: 0o700 });
    await rm(gitDir, { recursive: true, force: true });
    const fresh = `${gitDir}.new`;
    await rm(fresh, { recursive: true, force: true });
    const made = await git(['init', '--quiet', '--bare', '--template=', fresh], {
      what: 'making a working copy',
      env: { GIT_DIR: fresh },
      timeoutMs: LOCAL_MS,
    });
    if (made.code !== 0) throw gitFailure(workDir, made.stderr, redact);
    await rename(fresh, gitDir);
  }

  function prepared(): Promise<void> {
    ready ??= prepare().catch((error: unknown) => {
      ready = null;
      throw error;
    });
    return ready;
  }

  async function local(args: readonly string[], what: string, rest: Partial<GitOptions> = {}): Promise<Buffer> {
    const result = await git(args, { what, timeoutMs: LOCAL_MS, ...rest });
    if (result.code !== 0) throw gitFailure(`${url}, ${what}`, result.stderr, redact);
    return result.stdout;
  }

  async function fetchNow(signal: AbortSignal, again = true): Promise<string> {
    const what = `fetching ${branch}`;
    await prepared();
    const result = await git(
      [
        ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'],
        ...[`--depth=${HISTORY}`, '--filter=blob:none', '--update-shallow', 'origin', `+${remoteRef}:${localRef}`],
      ],
      { what, timeoutMs: fetchedOnce ? timeoutMs : FIRST_FETCH_FACTOR * timeoutMs, signal },
    );
    if (result.code === 0) {
      fetchedOnce = true;
      return text(await local(['rev-parse', '--verify', localRef], what, { signal }));
    }
    if (/couldn't find remote ref/i.test(result.stderr)) throw noBranch();
    if (again && isCopyBroken(result.stderr)) {
      await makeCopy();
      return fetchNow(signal, false);
    }
    throw gitFailure(`${url}, ${what}`, result.stderr, redact);
  }

  function noBranch(): ScramError {
    return new ScramError('unreachable', `${url} has no branch ${branch}`, {
      // An empty page in place of the repository looks like a repository without branches to git.
      action: `Correct the connection's branch${/^https?:/.test(url) ? ', or look whether a proxy answers in front of it' : ''}.`,
    });
  }

  async function commitsWithoutParents(): Promise<ReadonlySet<string>> {
    const lines = await readFile(path.join(gitDir, 'shallow'), 'utf8').catch(() => '');
    return new Set(lines.split('\n').filter((line) => line !== ''));
  }

  return {
    url,
    branch,
    tip: (signal) =>
      inTurn(async () => {
        await prepared();
        const what = `asking where ${branch} is`;
        const result = await git(['ls-remote', '--quiet', 'origin', remoteRef], { what, timeoutMs, signal });
        if (result.code !== 0) throw gitFailure(`${url}, ${what}`, result.stderr, redact);
        const [, commit] = /^([0-9a-f]{40,64})\t/m.exec(result.stdout.toString()) ?? [];
        if (commit === undefined) throw noBranch();
        return commit;
      }),
    fetch: (signal) => inTurn(() => fetchNow(signal)),
    entry: (commit, file, signal) =>
      inTurn(async () => {
        const found = await local(['ls-tree', '-z', '--full-tree', commit, '--', file], `looking for ${file}`, {
          signal,
        });
        const [, mode = '', type, blob = ''] = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(found.toString()) ?? [];
        if (type === undefined) return null;
        if (type !== 'blob' || !mode.startsWith('100')) {
          throw new ScramError('provider', `${url}: ${file} on branch ${branch} is no plain file`, {
            action: 'Name the file itself: links and folders are not followed.',
          });
        }
        return { mode, blob };
      }),
    // What is missing of a file's content is fetched by git itself.
    blob: (blob, signal) =>
      inTurn(() => local(['cat-file', 'blob', blob], `reading ${blob.slice(0, 12)}`, { signal, timeoutMs })),
    log: (commit, file, count, signal) =>
      inTurn(async () => {
        const format = ['%H', '%P', '%ct', '%an', '%s'].join('%x00');
        const found = await local(
          ['log', `--max-count=${count}`, '--first-parent', `--format=${format}`, commit, '--', file],
          `reading the history of ${file}`,
          { signal },
        );
        const edge = await commitsWithoutParents();
        return (
          found
            .toString()
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => line.split('\0'))
            .map(([at = '', parents = '', seconds = '', author = '', subject = '']) => ({
              commit: at,
              parent: parents.split(' ')[0] || null,
              atMs: Number(seconds) * 1000,
              author,
              subject,
            }))
            // At the edge of what is known every file looks as if it were new.
            .filter((entry) => !edge.has(entry.commit))
        );
      }),
    commit: (parent, file, bytes, message, signal) =>
      inTurn(async () => {
        const run = (args: readonly string[], what: string, input?: Buffer | string) =>
          local(args, what, { signal, ...(input === undefined ? {} : { input }) });
        const tree = await replacedTree(run, parent, file, bytes);
        const { name: author, email } = options.author;
        const env = {
          ...{ GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: email },
          ...{ GIT_COMMITTER_NAME: author, GIT_COMMITTER_EMAIL: email },
        };
        const made = await local(['commit-tree', '-p', parent, tree], 'making a commit', {
          input: message,
          env,
          signal,
        });
        return text(made);
      }),
    push: (commit, signal) =>
      inTurn(async () => {
        const what = `pushing to ${branch}`;
        const args = ['push', '--porcelain', '--no-verify', 'origin', `${commit}:${remoteRef}`];
        const { code, stdout, stderr } = await git(args, { what, timeoutMs, signal });
        const outcome = pushOutcome({ code, stdout: stdout.toString(), stderr }, `${url}, ${what}`, branch, redact);
        if (outcome === 'done') await local(['update-ref', localRef, commit], what);
        return outcome;
      }),
    tryPush: (signal) =>
      inTurn(async () => {
        const what = `trying a push to ${branch}`;
        const args = ['push', '--porcelain', '--no-verify', '--dry-run', 'origin', `${localRef}:${remoteRef}`];
        const { code, stdout, stderr } = await git(args, { what, timeoutMs, signal });
        pushOutcome({ code, stdout: stdout.toString(), stderr }, `${url}, ${what}`, branch, redact);
      }),
  };
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8').trim();
}
