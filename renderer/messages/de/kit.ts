import type { kit as source } from '../en/kit.ts';
import type { Texts } from '../texts.ts';

export const kit: Texts<typeof source> = {
  'kit.close': 'Schließen',
  'kit.loading': 'Wird geladen',
  'kit.retry': 'Erneut versuchen',
  'kit.asOf': 'Stand {time}',
  'kit.exposure.everyone': 'an für alle',
  'kit.exposure.some': 'an für einige',
  'kit.exposure.share': '{percentage, number} % der Nutzer',
  'kit.exposure.nobody': 'aus für alle',
  'kit.exposure.codeDefault': 'wie im Code',
  'kit.exposure.unknown': 'unbekannt',
};
