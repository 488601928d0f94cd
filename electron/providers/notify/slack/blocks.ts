import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import { cut, oneLine, plainLines, utc } from '../../../../shared/rules/notify-text.ts';

/** Slack's limits: characters of a header, of a field and of a section, and fields of a section. */
const HEADER = 150;
const FIELD = 2000;
const SECTION = 3000;
const FIELDS = 10;
/** Slack refuses blocks whose text comes to some 13,000 characters in all (`msg_blocks_too_long`), which it does not document. */
const ALL_TEXT = 11_000;
const FALLBACK = 1000;
/** Less room than this is not begun. */
const WORTHWHILE = 100;

const MARKS = { critical: ':rotating_light:', warning: ':warning:', info: ':information_source:' } as const;

interface Text {
  readonly type: 'mrkdwn' | 'plain_text';
  readonly text: string;
  readonly emoji?: boolean;
}
export type SlackBlock =
  | { readonly type: 'header'; readonly text: Text }
  | { readonly type: 'section'; readonly text: Text }
  | { readonly type: 'section'; readonly fields: readonly Text[] }
  | { readonly type: 'context'; readonly elements: readonly Text[] };

export interface SlackBody {
  /** For notifications, and for clients that show no blocks. */
  readonly text: string;
  readonly mrkdwn: false;
  readonly blocks: readonly SlackBlock[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** `&`, `<` and `>` are Slack's control characters: links, channels and `<!here>` are made of them. */
export function escapeSlack(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Cut by the length of what is sent, before it is escaped: an entity is never cut in two. */
function escapedWithin(text: string, most: number): string {
  let plain = cut(text, most);
  for (;;) {
    const escaped = escapeSlack(plain);
    if (escaped.length <= most || plain.length <= 1) return escaped;
    plain = cut(plain, plain.length - Math.max(1, Math.ceil((escaped.length - most) / 5)));
  }
}

/** Foreign words are plain text, in which neither `*` and `_` nor emoji codes mean anything. */
const plain = (text: string): Text => ({ type: 'plain_text', text, emoji: false });

/** A message in Slack's blocks, within its limits. */
export function slackBody(message: NotifyMessage): SlackBody {
  const { severity, resolved, facts, atMs } = message;
  const title = oneLine(message.title) || 'Scram';
  const blocks: SlackBlock[] = [{ type: 'header', text: plain(escapedWithin(title, HEADER)) }];
  let left = ALL_TEXT;
  const within = (text: string, most: number): string => {
    const fitting = escapedWithin(text, Math.min(most, left));
    left -= fitting.length;
    return fitting;
  };
  // What is cut off of the title is said below it.
  if (escapeSlack(title).length > HEADER) blocks.push({ type: 'section', text: plain(within(title, SECTION)) });
  const fields: Text[] = [];
  for (const { label, text } of facts) {
    if (left < WORTHWHILE) break;
    fields.push(plain(within(`${oneLine(label)}:\n${oneLine(text) || '–'}`, FIELD)));
  }
  for (let at = 0; at < fields.length; at += FIELDS) {
    blocks.push({ type: 'section', fields: fields.slice(at, at + FIELDS) });
  }
  for (const words of pieces(plainLines(message.text))) {
    if (left >= WORTHWHILE) blocks.push({ type: 'section', text: plain(within(words, SECTION)) });
  }
  const mark = resolved ? ':white_check_mark: over' : `${MARKS[severity]} ${severity}`;
  blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: `${mark} · Scram, ${utc(atMs)}` }] });
  return { text: escapedWithin(title, FALLBACK), mrkdwn: false, blocks, unfurl_links: false, unfurl_media: false };
}

/** A long text goes on in the next section: nothing of an anchor's line may be lost. */
function pieces(text: string): string[] {
  const all: string[] = [];
  let piece = '';
  let length = 0;
  for (const character of text) {
    const size = escapeSlack(character).length;
    if (length + size > SECTION) {
      all.push(piece);
      piece = '';
      length = 0;
    }
    piece += character;
    length += size;
  }
  return piece === '' ? all : [...all, piece];
}
