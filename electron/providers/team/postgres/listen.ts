import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Disposable } from '../../../services/ports.ts';
import { openSession, type PostgresSession, type SessionOptions } from './session.ts';

const CHANNEL = 'scram_entries';
/** A connection that is gone without a word is found by asking it something. */
const PING_MS = 15_000;
const PING_LIMIT_MS = 5_000;
const DEVICE = /^[0-9a-f]{1,128}$/;

const pingRow = z.strictObject({ here: z.number() });

/**
 * A connection of its own that hears of new rows. `onLost` is called once, at whatever ends it but `dispose`. Anyone who
 * may connect may notify, so that nothing is believed of a notification but that one may look.
 */
export function listen(
  options: SessionOptions,
  onMore: (device: string | null) => void,
  onLost: (error: unknown) => void,
): Disposable {
  const stop = new AbortController();
  let session: PostgresSession | null = null;
  let pinging: Disposable | null = null;

  function end(error: unknown): void {
    if (stop.signal.aborted) return;
    dispose();
    onLost(error);
  }

  function dispose(): void {
    pinging?.dispose();
    session?.close();
    stop.abort();
  }

  async function begin(): Promise<void> {
    const opened = await openSession(options, stop.signal, {
      onNotification(payload) {
        if (!stop.signal.aborted && DEVICE.test(payload)) onMore(payload);
      },
      onLost: (error: ScramError) => end(error),
    });
    session = opened;
    if (stop.signal.aborted) return opened.close();
    await opened.run(`LISTEN ${CHANNEL}`, 'listening', stop.signal);
    if (stop.signal.aborted) return;
    pinging = options.clock.every(PING_MS, () => ping(opened));
    // What came before it listened was not told.
    onMore(null);
  }

  async function ping(opened: PostgresSession): Promise<void> {
    const limit = new AbortController();
    const timer = options.clock.after(PING_LIMIT_MS, () => limit.abort(new ScramError('timeout', 'no answer in time')));
    try {
      await opened.query('SELECT 1 AS here', [], pingRow, 'listening', limit.signal);
    } catch (error) {
      end(error);
    } finally {
      timer.dispose();
    }
  }

  begin().catch(end);
  return { dispose };
}
