import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Log } from '../ports.ts';
import type { NotifyResult } from './api.ts';

const DETAIL = 500;

/** What every message is told as that nobody could be given before the console stopped. */
export const NOT_KNOWN_TO_BE_SENT = 'not known to be sent: the console stopped before the target took it';

/** Try-outs are no news; everything else that left the console, or should have, is in the record (D6). */
export function recorder(ledger: Pick<Ledger, 'append'>, log: Log) {
  return (message: NotifyMessage, { target, ok, detail }: NotifyResult): void => {
    if (message.event === 'test') return;
    const told = detail === null ? null : detail.slice(0, DETAIL);
    try {
      ledger.append({ kind: 'notify.sent', target, event: message.event, ok, detail: told });
    } catch (error) {
      log.error('notify.not-recorded', { target, error: error instanceof Error ? error.name : 'unknown' });
    }
  };
}
