import { createHash } from 'node:crypto';
import type { NotifyMessage } from '../../../../shared/model/notify.ts';

/** The same for each try of one message, so that whoever gets it twice can tell: 32 hex digits. */
export function messageId(message: NotifyMessage): string {
  return digest(JSON.stringify([message.event, message.key, message.atMs, message.title, message.facts, message.text]));
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
