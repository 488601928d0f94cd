import { type ChildProcess, spawn } from 'node:child_process';
import { ScramError } from '../../shared/model/error.ts';

const LARGEST_OUTPUT = 64 * 1024;

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs a program without a shell and gives what it printed. Throws `credential` when it cannot be started, `timeout`,
 * `cancelled` and `too-large`; it and what it started are ended then. No error carries anything that it printed.
 */
export function runCommand(
  words: readonly string[],
  { env, timeoutMs, signal }: CommandOptions,
): Promise<{ code: number | null; stdout: string }> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(program));
      return;
    }
    const group = process.platform !== 'win32';
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: group,
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let failure: ScramError | null = null;

    const end = (error: ScramError): void => {
      failure ??= error;
      endAll(child, group);
    };
    const onAbort = (): void => end(cancelled(program));
    const timer = setTimeout(() => {
      end(new ScramError('timeout', `${program} did not end within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_OUTPUT) chunks.push(chunk);
      else end(new ScramError('too-large', `${program} printed more than a credential can be`));
    });
    child.once('error', (cause) => {
      settled();
      reject(
        new ScramError('credential', `${program} could not be started`, {
          action: 'check that the program is installed and on the PATH',
          cause,
        }),
      );
    });
    child.once('close', (code) => {
      settled();
      if (failure === null) resolve({ code, stdout: Buffer.concat(chunks).toString('utf8') });
      else reject(failure);
    });
  });
}

/** The program may have started others that hold its output open; where there are process groups, all are ended. */
function endAll(child: ChildProcess, group: boolean): void {
  if (!group || child.pid === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function cancelled(program: string): ScramError {
  return new ScramError('cancelled', `${program} was not waited for`);
}
