import type { Entry } from '../../../shared/model/entry.ts';
import { clockTime, plainText, utcTime } from '../../kit/index.ts';
import type { Translate } from '../../messages/index.ts';
import { describeEntry } from './describe.ts';
import type { Names } from './names.ts';

/** An entry as text for a mail or a post-mortem: what it says, and what it can be held against (A8, D6). */
export function entryAsText(t: Translate, entry: Entry, names: Names): string {
  const { atMs, by, data, device, sequence, previous } = entry.body;
  const { text, result } = describeEntry(t, data, names, by?.operator ?? null);
  const who = by === undefined ? names.console(device) : `${names.person(by.operator)} (${by.operator})`;
  return [
    `${utcTime(atMs)} (${clockTime(atMs, true)}) ${who}: ${plainText(text)}${result === null ? '' : ` [${result.text}]`}`,
    `${t('ledger.place')}: ${t('ledger.placeOf', { sequence, device })}`,
    `${t('ledger.hash')}: ${entry.hash}`,
    `${t('ledger.previous')}: ${previous}`,
    `${t('ledger.signature')}: ${entry.signature}`,
    ...(by === undefined ? [] : [`${t('ledger.personSignature')}: ${by.signature} (${by.key})`]),
    JSON.stringify(entry),
  ].join('\n');
}
