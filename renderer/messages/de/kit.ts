import type { kit as source } from '../en/kit.ts';
import type { Texts } from '../texts.ts';

export const kit: Texts<typeof source> = {
  'kit.close': 'Schließen',
  'kit.loading': 'Wird geladen',
  'kit.retry': 'Erneut versuchen',
  'kit.asOf': 'Stand {time}',
  'kit.exposure.everyone': 'alle',
  'kit.exposure.some': 'einige Nutzer',
  'kit.exposure.share': '{percentage, number} % der Nutzer',
  'kit.exposure.nobody': 'niemand',
  'kit.exposure.codeDefault': 'wie im Code',
  'kit.exposure.unknown': 'unbekannt',
  'kit.exposure.killed': 'aus für alle',
};
