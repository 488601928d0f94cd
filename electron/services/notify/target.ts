import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';

/** The port to one place that messages go to: implemented by `electron/providers/notify/<kind>`. */
export interface NotifyTarget {
  readonly kind: string;
  /**
   * Returns when the target has taken the message. Throws `unreachable`, `timeout`, `rate-limited`, `credential`,
   * `refused` or `provider`; the service decides what is sent again. Never puts a secret into an error.
   */
  send(message: NotifyMessage, signal: AbortSignal): Promise<void>;
  /** Tries the target out, with a message that says that it is a test where there is no quieter way. Never throws. */
  probe(signal: AbortSignal): Promise<ProbeReport>;
  dispose(): void;
}
