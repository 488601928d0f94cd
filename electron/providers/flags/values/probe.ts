import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeReport } from '../../../../shared/model/probe.ts';
import type { ValueStore } from './store.ts';

/** Tries a store out: who answers, what is there, what may be written. */
export async function probeStore(
  store: ValueStore,
  prefixes: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const started = performance.now();
  const report = { latencyMs: 0, clockSkewMs: null as number | null, canRead: true, canWrite: true as boolean | null };
  const details: string[] = [];
  try {
    const found = await store.probe(signal);
    report.latencyMs = found.latencyMs;
    report.clockSkewMs = found.clockSkewMs;
    details.push(found.detail);
    for (const prefix of Object.values(prefixes)) {
      const { values } = await store.list(prefix, signal);
      const count = values.size - (values.has(prefix) ? 1 : 0);
      details.push(count === 0 ? `nothing under ${prefix}: check connections[].keys` : `${prefix}: ${count} flags`);
      const { canWrite, detail } = await store.writeAccess(prefix, signal);
      if (canWrite === false) report.canWrite = false;
      else if (canWrite === null && report.canWrite === true) report.canWrite = null;
      if (detail !== '') details.push(detail);
    }
  } catch (error) {
    report.latencyMs = performance.now() - started;
    report.canRead = false;
    report.canWrite = null;
    details.push(wordsOf(error));
  }
  return { ok: report.canRead && report.canWrite !== false, ...report, detail: details.join('; '), fields: [] };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ScramError)) return error instanceof Error ? error.message : String(error);
  return error.action === null ? error.message : `${error.message}. ${error.action}`;
}
