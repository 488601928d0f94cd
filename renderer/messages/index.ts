import { useCallback } from 'react';
import { create } from 'zustand';
import type { Message } from '../../shared/model/text.ts';
import { formatMessage, formatText, type Language, type TextId, type TextParams } from './format.ts';

export type { Language, TextId, TextParams } from './format.ts';
export { formatMessage, formatText, LANGUAGES } from './format.ts';

const LANGUAGE_KEY = 'scram.language';

function initialLanguage(): Language {
  try {
    const kept = localStorage.getItem(LANGUAGE_KEY);
    if (kept === 'en' || kept === 'de') return kept;
  } catch {
    // Storage refused: the browser's language decides.
  }
  return navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
}

export interface LanguageState {
  readonly language: Language;
  choose(language: Language): void;
}

/** Language of the page (H2), kept over restarts. */
export const useLanguage = create<LanguageState>()((set) => ({
  language: initialLanguage(),
  choose: (language) => {
    try {
      localStorage.setItem(LANGUAGE_KEY, language);
    } catch {
      // Storage refused: the choice holds until the page is closed.
    }
    set({ language });
  },
}));

export type Translate = (id: TextId, params?: TextParams) => string;

/** `t('now.calm')`: words of the catalogue in the operator's language. Same function until the language changes. */
export function useText(): Translate {
  const language = useLanguage((state) => state.language);
  return useCallback((id: TextId, params?: TextParams) => formatText(language, id, params), [language]);
}

/** `tm(message)`: a sentence that the back end names by id and parameters. */
export function useMessage(): (message: Message) => string {
  const language = useLanguage((state) => state.language);
  return useCallback((message: Message) => formatMessage(language, message), [language]);
}
