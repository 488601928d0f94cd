import { systemClock } from '../../electron/platform/clock.ts';
import { createLog, type RedactingLog } from '../../electron/platform/log.ts';
import type { NotifyContext } from '../../electron/providers/notify/context.ts';
import { createNotifyTarget } from '../../electron/providers/notify/registry.ts';
import type { NotifyTarget } from '../../electron/services/notify/target.ts';
import { notifyTargetSchema } from '../../shared/model/config/notify.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { NotifyMessage } from '../../shared/model/notify.ts';

export const NEVER = new AbortController().signal;

export function aMessage(over: Partial<NotifyMessage> = {}): NotifyMessage {
  return {
    event: 'change',
    title: 'Kill enable_new_pricing in production: accepted',
    severity: 'info',
    facts: [
      { label: 'Flag', text: 'enable_new_pricing' },
      { label: 'Why', text: 'errors at checkout' },
    ],
    text: '',
    key: 'change/abc',
    resolved: false,
    atMs: 1_700_000_000_000,
    ...over,
  };
}

/** Names that try to be more than names in some medium. */
export const HOSTILE =
  'x\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script> <!here> *bold* &amp; "q" \u202egnp.exe :fire: `c`';

export interface TargetParts {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A target as compose.ts makes it, from what stands in scram.yaml; `lines` is the log as it is written. */
export function targetOf(
  config: unknown,
  parts: TargetParts = {},
): NotifyTarget & { lines: string[]; log: RedactingLog } {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  const context: NotifyContext = {
    clock: systemClock(log),
    log,
    env: {},
    secret: (credential) => {
      const secret = parts.secrets?.[credential];
      if (secret === undefined) throw new ScramError('credential', `${credential} is not in the vault`);
      return secret;
    },
    readText: (file) => parts.files?.[file] ?? '',
  };
  return Object.assign(createNotifyTarget(notifyTargetSchema.parse(config), context), { lines, log });
}

/** The error of a promise that must be rejected with one of the product's own. */
export async function failureOf(promise: Promise<unknown>): Promise<ScramError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ScramError) return error;
  throw new Error('expected a ScramError', { cause: error });
}
