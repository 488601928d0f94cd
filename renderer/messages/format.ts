import { IntlMessageFormat } from 'intl-messageformat';
import type { Message } from '../../shared/model/text.ts';
import { durationText } from './duration.ts';
import { de } from './de/index.ts';
import { en } from './en/index.ts';
import type { Texts } from './texts.ts';

export type TextId = keyof typeof en;
export type TextParams = Readonly<Record<string, string | number | boolean | null>>;
export type Language = 'en' | 'de';

export const LANGUAGES: readonly { readonly id: Language; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
];

const catalogues: Readonly<Record<Language, Texts<typeof en>>> = { en, de };
const compiled = new Map<string, IntlMessageFormat>();

/** Words of the catalogue, ICU parameters filled in. Pure texts are not compiled at all. */
export function formatText(language: Language, id: TextId, params: TextParams = {}): string {
  const text: string = catalogues[language][id];
  if (!text.includes('{') && !text.includes("'")) return text;
  const key = `${language} ${id}`;
  let format = compiled.get(key);
  if (!format) {
    format = new IntlMessageFormat(text, language === 'en' ? 'en-GB' : language, undefined, { ignoreTag: true });
    compiled.set(key, format);
  }
  return String(format.format({ ...params }));
}

function isTextId(id: string): id is TextId {
  return Object.hasOwn(en, id);
}

/** Lengths of time come as milliseconds, `beforeMs`; sentences name them in words, `{before}`. */
function withDurations(params: Message['params']): TextParams {
  const words = Object.entries(params).flatMap(([name, value]) =>
    name.endsWith('Ms') && typeof value === 'number' ? [[name.slice(0, -2), durationText(value)]] : [],
  );
  return { ...params, ...Object.fromEntries(words) };
}

/** A back-end sentence. An id that this page does not know is shown with its parameters: never hidden, never a crash. */
export function formatMessage(language: Language, message: Message): string {
  if (isTextId(message.id)) return formatText(language, message.id, withDurations(message.params));
  const params = Object.entries(message.params).map(([name, value]) => `${name} ${String(value)}`);
  return [message.id, ...params].join(' · ');
}
