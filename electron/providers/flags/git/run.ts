import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { ScramError } from '../../../../shared/model/error.ts';
import { readCredential } from '../../shared/credential.ts';

export interface GitSettings {
  /** Address of the repository as git takes it. */
  readonly url: string;
  /** A token, or `user:token`. */
  readonly credential?: string | undefined;
  /** File with a private authority's certificate, absolute. */
  readonly caFile?: string | undefined;
  /** Variables of the caller: proxies, HOME, the ssh agent. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface GitOptions {
  readonly input?: Buffer | string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is done, in words. */
  readonly what: string;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git in a repository of its own. Throws `timeout`, `cancelled`, and `provider` when git is not there. */
export type GitRun = (args: readonly string[], options: GitOptions) => Promise<GitResult>;

/** What ssh, curl and git themselves need of the caller's variables; nothing else can change what git does. */
const PASSED =
  /^(path|home|userprofile|systemroot|temp|tmp|tmpdir|ssh_auth_sock|git_ssh|git_ssh_command|git_ssl_cainfo|ssl_cert_file|ssl_cert_dir|(https?|all|no)_proxy)$/i;

/** Only names of variables stand here: git hands the secret from its own environment to itself, on no command line. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SCRAM_GIT_USER" "$SCRAM_GIT_TOKEN"; }; f';

/** Token alone: the hosts that take one take any name beside it. */
const TOKEN_USER = 'x-access-token';

const LARGEST_OUTPUT = 64 * 1024 * 1024;
const GRACE_MS = 2000;

export function environmentOf({ url, credential, caFile, env }: GitSettings): Record<string, string> {
  const auth = readCredential(credential);
  const config: [string, string][] = [
    ['core.hooksPath', devNull],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['remote.origin.url', url],
    // Another host must not be shown the credential.
    ['http.followRedirects', 'false'],
    ['credential.helper', ''],
    ['credential.interactive', 'never'],
    ...(auth === undefined ? [] : [['credential.helper', HELPER] as [string, string]]),
    ...(caFile === undefined ? [] : [['http.sslCAInfo', caFile] as [string, string]]),
  ];
  const passed = Object.entries(env).filter(([name, value]) => PASSED.test(name) && value !== undefined);
  const secret: Record<string, string> = {};
  if (auth?.kind === 'bearer') Object.assign(secret, { SCRAM_GIT_USER: TOKEN_USER, SCRAM_GIT_TOKEN: auth.token });
  if (auth?.kind === 'basic') Object.assign(secret, { SCRAM_GIT_USER: auth.user, SCRAM_GIT_TOKEN: auth.password });
  return {
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=10',
    ...(Object.fromEntries(passed) as Record<string, string>),
    ...secret,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

export function createGitRun(settings: GitSettings, gitDir: string): GitRun {
  const base = { ...environmentOf(settings), GIT_DIR: gitDir };
  return (args, { input, env, timeoutMs, signal, what }) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new ScramError('cancelled', `git, ${what} was cancelled`));
        return;
      }
      // A group of its own: git's helpers (ssh, https) end with it.
      const grouped = process.platform !== 'win32';
      const child = spawn('git', args, { env: { ...base, ...env }, detached: grouped, windowsHide: true });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let bytes = 0;
      let ended: ScramError | null = null;

      const kill = (how: 'SIGTERM' | 'SIGKILL') => {
        try {
          if (grouped && child.pid !== undefined) process.kill(-child.pid, how);
          else child.kill(how);
        } catch {
          // Gone already.
        }
      };
      let force: NodeJS.Timeout | undefined;
      const end = (error: ScramError) => {
        if (ended !== null) return;
        ended = error;
        // Asked first, so that git takes its lock files away.
        kill('SIGTERM');
        force = setTimeout(() => kill('SIGKILL'), GRACE_MS);
      };
      const abort = () => end(new ScramError('cancelled', `git, ${what} was cancelled`));
      const limit = setTimeout(() => {
        end(new ScramError('timeout', `git, ${what}: not done within ${timeoutMs} ms`));
      }, timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      const finish = () => {
        clearTimeout(limit);
        clearTimeout(force);
        signal?.removeEventListener('abort', abort);
      };

      const collect = (into: Buffer[]) => (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_OUTPUT) {
          end(new ScramError('too-large', `git, ${what}: more than ${LARGEST_OUTPUT} bytes`));
        } else into.push(chunk);
      };
      child.stdout.on('data', collect(stdout));
      child.stderr.on('data', collect(stderr));
      // It may end before it has read all that it was given; its exit tells why.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input ?? '');
      child.on('error', (cause) => {
        finish();
        reject(
          new ScramError('provider', `git cannot be run (${'code' in cause ? String(cause.code) : cause.message})`, {
            action: 'Install git, and let its folder be in PATH.',
            cause,
          }),
        );
      });
      child.on('close', (code) => {
        finish();
        if (ended !== null) reject(ended);
        else
          resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
      });
    });
}
