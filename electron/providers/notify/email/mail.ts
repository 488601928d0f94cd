import MailComposer from 'nodemailer/lib/mail-composer';
import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import { cut, messageText, oneLine, plainLines, utc } from '../../../../shared/rules/notify-text.ts';
import { digest, messageId } from '../shared/message-id.ts';

const SUBJECT = 200;

/** A message as a mail, whole: what goes to the server between DATA and the dot. */
export function mailOf(message: NotifyMessage, from: string, to: readonly string[]): Promise<Buffer> {
  const domain = domainOf(from);
  // Everything about one subject refers to the same mail, which was never sent: programs that read mail then show one thread.
  const thread = `<scram.thread.${digest(message.key)}@${domain}>`;
  const { key, severity } = message;
  const mail = new MailComposer({
    from: { name: 'Scram', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: subjectOf(message),
    messageId: `<scram.${messageId(message)}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    date: new Date(message.atMs),
    text: messageText(message),
    html: htmlOf(message),
    headers: {
      // Nobody's absence is to be told to a console (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Scram-Event': message.event,
      'X-Scram-Key': headerText(key),
      ...(severity === 'critical' && !message.resolved ? { Importance: 'high', 'X-Priority': '1' } : {}),
    },
    // A file or an address in a text is text.
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  });
  return mail.compile().build();
}

/** One line, whatever a flag is called: a line break would begin a header of its own. */
function subjectOf({ title, resolved, severity }: NotifyMessage): string {
  const mark = resolved ? '[over] ' : severity === 'critical' ? '[critical] ' : '';
  return cut(`${mark}${headerText(title)}`, SUBJECT);
}

function headerText(text: string): string {
  return oneLine(text) || 'Scram';
}

function domainOf(from: string): string {
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(domain) ? domain : 'scram.invalid';
}

export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Without pictures, links and scripts: what is foreign stands in it as text alone. */
function htmlOf({ title, facts, text, atMs, severity, resolved }: NotifyMessage): string {
  const rows = facts.map(
    ({ label, text: words }) =>
      `<tr><th align="left" valign="top" style="padding:2px 12px 2px 0">${escapeHtml(oneLine(label))}</th>` +
      `<td valign="top" style="padding:2px 0">${escapeHtml(oneLine(words))}</td></tr>`,
  );
  const words = plainLines(text);
  return [
    '<!doctype html><html><body style="font-family:sans-serif">',
    `<h2 style="font-size:18px">${escapeHtml(oneLine(title))}</h2>`,
    rows.length === 0 ? '' : `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    words === '' ? '' : `<p style="white-space:pre-wrap">${escapeHtml(words)}</p>`,
    `<p style="color:#666">${resolved ? 'over' : severity} · Scram, ${utc(atMs)}</p>`,
    '</body></html>',
  ].join('\n');
}
