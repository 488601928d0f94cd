import type { Clock, Log } from '../../services/ports.ts';
import type { NotifyTarget } from '../../services/notify/target.ts';

/** What a notify target is given besides its own configuration. */
export interface NotifyContext {
  readonly clock: Clock;
  readonly log: Log;
  /** Variables of the caller: proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The secret that a credential names (E2). Throws `credential`; the log will never print it. */
  secret(credential: string): string;
  /** Text of a file of the configuration, such as a certificate. Throws `config-invalid` with the path. */
  readText(path: string): string;
}

/** Makes one target. Throws `ScramError` when the configuration cannot be used, or its secret cannot be had now. */
export type NotifyTargetFactory<Config> = (config: Config, context: NotifyContext) => NotifyTarget;
