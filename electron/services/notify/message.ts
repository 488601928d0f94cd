import type { NotifyMessage } from '../../../shared/model/notify.ts';
import { cut, oneLine, plainLines } from '../../../shared/rules/notify-text.ts';

const TITLE = 300;
export const LONGEST_TEXT = 4000;
const KEY = 255;
/** A reason may be as long as a person likes; a message is read on a phone. */
const FACT = 1000;

/** Label and text; null or empty facts are left out. */
export type Facts = readonly (readonly [label: string, text: string | null])[];

export interface Draft extends Pick<NotifyMessage, 'event' | 'severity' | 'atMs'> {
  readonly title: string;
  readonly facts: Facts;
  readonly text?: string;
  readonly key: string;
  readonly resolved?: boolean;
}

/** A message within the limits of its schema, its foreign words on one line each. */
export function messageOf({
  event,
  title,
  severity,
  facts,
  text = '',
  key,
  resolved = false,
  atMs,
}: Draft): NotifyMessage {
  return {
    event,
    title: cut(oneLine(title), TITLE),
    severity,
    facts: facts.flatMap(([label, words]) => {
      const line = words === null ? '' : cut(oneLine(words), FACT);
      return line === '' ? [] : [{ label, text: line }];
    }),
    text: cut(plainLines(text), LONGEST_TEXT),
    key: cut(key, KEY),
    resolved,
    atMs,
  };
}
