import { readFile, stat } from 'node:fs/promises';
import { ScramError } from '../../../../shared/model/error.ts';

/** Says of a file system's error what happened to which file and what to do. Undefined when it is none. */
export function fileError(path: string, error: unknown, doing: 'read' | 'write'): ScramError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fail = (kind: 'unreachable' | 'credential' | 'provider', what: string, action: string) =>
    new ScramError(kind, `${path}: ${what}`, { action, cause: error });
  const unchanged = doing === 'write' ? '; nothing was written, the file is as it was' : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail(
        'unreachable',
        `the flag file is not there${unchanged}`,
        'Put the file back, or correct its path in scram.yaml.',
      );
    case 'ELOOP':
      return fail('unreachable', 'the symbolic link leads in a circle', 'Correct the link.');
    case 'EISDIR':
      return fail('provider', 'the path is a folder, not a flag file', 'Correct the path in scram.yaml.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return fail(
        'credential',
        `no permission to ${doing} the flag file (${code})${unchanged}`,
        `Allow the console's user to ${doing} it.`,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('provider', `the disk is full${unchanged}`, 'Free space on that disk and try again.');
    default:
      return fail(
        'unreachable',
        `the flag file cannot be ${doing === 'read' ? 'read' : 'written'} (${code || String(error)})${unchanged}`,
        'Look at the disk and the file.',
      );
  }
}

/** Far beyond any flag file; keeps a wrong path (a device, a log) from filling the memory. */
const LARGEST_BYTES = 64 * 1024 * 1024;

export async function readBytes(path: string, signal?: AbortSignal): Promise<Buffer> {
  signal?.throwIfAborted();
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(path, error, 'read');
  }
  if (bytes.length > LARGEST_BYTES) {
    throw new ScramError('too-large', `${path}: ${bytes.length} bytes are more than a flag file of ${LARGEST_BYTES}`);
  }
  signal?.throwIfAborted();
  return bytes;
}

/** Clocks of file systems tick in milliseconds: a file this young may change again under the same time stamps. */
const YOUNG_MS = 100;

/** Tells two versions of a file apart without reading it; null when it cannot, or when the file is not there. */
export async function markOf(
  path: string,
  nowMs: number,
): Promise<{ mark: string | null; changedAtMs: number } | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (!found) return null;
  const mark = `${found.dev}.${found.ino}.${found.size}.${found.mtimeNs}.${found.ctimeNs}`;
  const young = nowMs - Number(found.ctimeMs) < YOUNG_MS;
  return { mark: young ? null : mark, changedAtMs: Number(found.mtimeMs) };
}
