import type { NotifyMessage } from '../model/notify.ts';

/** As much as a chat takes in one piece (A8). */
const MOST_CHARACTERS = 4000;
const SHORTENED = '\n… (shortened)';

/** Control characters, and those that turn the direction of text around or hide in it: a name must not redraw a message. */
const UNSEEN = /(?!\n)[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** Foreign text as one line: keys, names and reasons come from people and other systems. */
export function oneLine(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, ' ')
    .replace(UNSEEN, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Foreign text with its line breaks, and nothing else that is not seen. */
export function plainLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(UNSEEN, '').trim();
}

/** At most `most` characters, the last of which says that there was more; never half of a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `2026-11-21 08:03:40 UTC`: read the same everywhere. */
export function utc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A message as plain text: to copy when every channel is down (A8), and for targets that know nothing richer. */
export function messageText(message: NotifyMessage): string {
  const { title, severity, facts, text, atMs, resolved } = message;
  const mark = resolved ? 'OVER' : severity.toUpperCase();
  const blocks = [
    `[${mark}] ${oneLine(title)}`,
    facts.map((fact) => `${oneLine(fact.label)}: ${oneLine(fact.text)}`).join('\n'),
    plainLines(text),
  ];
  const end = `\n\nScram, ${utc(atMs)}`;
  const body = blocks.filter((block) => block !== '').join('\n\n');
  const room = MOST_CHARACTERS - end.length;
  if (body.length <= room) return body + end;
  return body.slice(0, room - SHORTENED.length).replace(/[\ud800-\udbff]$/, '') + SHORTENED + end;
}
