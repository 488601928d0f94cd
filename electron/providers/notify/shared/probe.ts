import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import type { ProbeReport } from '../../../../shared/model/probe.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';

/** Runs a try-out and makes a report of whatever comes of it. `run` answers with what it found, in words. */
export async function probed(clock: Clock, run: () => Promise<string>): Promise<ProbeReport> {
  const beganAtMs = clock.now();
  const report = (ok: boolean, detail: string): ProbeReport => ({
    ok,
    latencyMs: Math.max(0, clock.now() - beganAtMs),
    clockSkewMs: null,
    canRead: ok,
    canWrite: ok ? true : null,
    detail,
    fields: [],
  });
  try {
    return report(true, await run());
  } catch (error) {
    // Only the product's own errors are known to hold no secret.
    const words = error instanceof ScramError ? [error.message, error.action].filter(Boolean).join('. ') : 'it failed';
    return report(false, words);
  }
}

export function testMessage(atMs: number): NotifyMessage {
  return {
    event: 'test',
    title: 'Test message from Scram: nothing has happened',
    severity: 'info',
    facts: [{ label: 'Why', text: 'Somebody tried this target out. There is nothing to do.' }],
    text: '',
    key: 'test',
    resolved: false,
    atMs,
  };
}
