import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import type { DocumentSource, WriteAccess } from './source.ts';

/** Tries every document out: can it be read and understood, could it be replaced. Never throws for what it finds. */
export async function probeSources(
  sources: readonly DocumentSource[],
  countFlags: (source: DocumentSource) => Promise<number>,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const startedMs = performance.now();
  const details: string[] = [];
  const fields: ProbeField[] = [];
  let canRead = true;
  let canWrite: boolean | null = true;
  let clockSkewMs: number | null = null;
  for (const source of sources) {
    let readable = true;
    let silent = false;
    try {
      details.push(`${source.name}: ${await countFlags(source)} flags`);
    } catch (error) {
      readable = false;
      silent = error instanceof ScramError && error.code === 'timeout';
      canRead = false;
      details.push(wordsOf(error));
    }
    // What does not answer is not asked a second time: that would only take as long again.
    const access: WriteAccess = silent
      ? { canWrite: null, detail: '' }
      : await source.writeAccess(signal).catch((error: unknown) => ({ canWrite: null, detail: wordsOf(error) }));
    if (access.canWrite === false) canWrite = false;
    else if (access.canWrite === null && canWrite !== false) canWrite = null;
    // What keeps it from being read also keeps it from being replaced: said once.
    if (access.detail !== '' && readable) details.push(access.detail);
    clockSkewMs ??= access.clockSkewMs ?? null;
    fields.push(...(access.fields ?? []));
  }
  return {
    ok: canRead && canWrite !== false,
    latencyMs: performance.now() - startedMs,
    clockSkewMs,
    canRead,
    canWrite,
    detail: details.join('; '),
    fields,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
