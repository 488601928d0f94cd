import type { kit as source } from '../en/kit.ts';
import type { Texts } from '../texts.ts';

export const kit: Texts<typeof source> = {
  'kit.close': 'Schließen',
  'kit.loading': 'Wird geladen',
  'kit.retry': 'Erneut versuchen',
  'kit.copy': 'Kopieren',
  'kit.copied': 'Kopiert',
  'kit.refused': 'Der Browser lässt das Kopieren nicht zu: markieren und Strg C drücken',
  'kit.notices': 'Meldungen',
  'kit.dismiss': 'Wegräumen',
  'kit.qrOf': 'Dasselbe als QR-Code',
  'kit.qrTooLong': 'Zu lang für einen QR-Code: den Text weitergeben.',
  'kit.qrUnread':
    'In diesem Bild war kein QR-Code zu finden. Nehmen Sie ein scharfes, gerades, ganzes Bild, oder fügen Sie den Text ein.',
  'kit.qrFromImage': 'QR-Code aus einem Bild lesen …',
  'kit.asOf': 'Stand {time}',
  'kit.exposure.everyone': 'an für alle',
  'kit.exposure.some': 'an für einige',
  'kit.exposure.share': '{percentage, number} % der Nutzer',
  'kit.exposure.nobody': 'aus für alle',
  'kit.exposure.codeDefault': 'wie im Code',
  'kit.exposure.unknown': 'unbekannt',
};
